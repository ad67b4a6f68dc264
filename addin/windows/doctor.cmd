@echo off
rem Looks the Excel add-in through and writes a report for the helpdesk.
setlocal
chcp 65001 >nul
"%~dp0Scripts\python.exe" -I -X utf8 -m receivables excel doctor --report "%LOCALAPPDATA%\receivables-doctor.txt"
set "code=%ERRORLEVEL%"
echo.
if not defined RECEIVABLES_QUIET pause
exit /b %code%
