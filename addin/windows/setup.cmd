@echo off
rem Starts setup.ps1 beside it. The execution policy is relaxed for this one process only.
setlocal
if not exist "%~dp0setup.ps1" goto zipped
if not exist "%~dp0wheels" goto zipped
rem PowerShell takes the code page of the console for what Python prints
chcp 65001 >nul
"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe" -NoLogo -NoProfile -ExecutionPolicy Bypass -File "%~dp0setup.ps1" %*
set "code=%ERRORLEVEL%"
echo.
if not defined RECEIVABLES_QUIET pause
exit /b %code%

:zipped
echo This is a part of a zip file. Unpack the whole zip file into a folder first
echo (right-click it, "Extract All..."), then start setup.cmd from that folder.
if not defined RECEIVABLES_QUIET pause
exit /b 3
