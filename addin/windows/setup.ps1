<#
.SYNOPSIS
    Installs receivables and its Excel add-in for the person who is signed in.
.DESCRIPTION
    Finds a Python of this user or machine, makes a virtual environment in the local application
    folder, installs the packages of this kit without a network, puts the add-in where Excel finds
    it, and looks the installation through. Needs no administrator, changes no policy, downloads
    nothing. Only cmdlets are used, so that it also runs where PowerShell is in constrained
    language mode. Every step is printed and written to a log file.
.PARAMETER Python
    Path of the python.exe to use instead of searching for one.
.PARAMETER Folder
    Folder of the virtual environment. Default: receivables in the local application folder.
.PARAMETER Uninstall
    Takes the add-in and the virtual environment away.
#>
param(
    [string]$Python = '',
    [string]$Folder = '',
    [switch]$Uninstall
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$kit = $PSScriptRoot
$wheels = Join-Path $kit 'wheels'
$log = Join-Path $env:LOCALAPPDATA 'receivables-setup.log'
$report = Join-Path $env:LOCALAPPDATA 'receivables-doctor.txt'
if ($Folder -eq '') { $Folder = Join-Path $env:LOCALAPPDATA 'receivables' }
$marker = Join-Path $Folder 'receivables-setup.txt'
$venvPython = Join-Path $Folder 'Scripts\python.exe'

function Say([string]$english, [string]$chinese) {
    Write-Host $english
    if ($chinese -ne '') { Write-Host "    $chinese" }
    Add-Content -LiteralPath $log -Encoding UTF8 -Value "$(Get-Date -Format s) $english"
}

function Stop-Setup([string]$english, [string]$chinese, [int]$code) {
    Write-Host ''
    Say "STOPPED: $english" $chinese
    Write-Host "Log / 日志: $log"
    exit $code
}

# Runs Python, shows and logs what it says, leaves its exit code in $script:code.
# -I keeps PYTHON... variables and the user's own packages out; standard error must not end this script.
function Invoke-Python([string]$program, [string[]]$arguments) {
    $script:code = 1
    Add-Content -LiteralPath $log -Encoding UTF8 -Value "> $program $($arguments -join ' ')"
    $ErrorActionPreference = 'Continue'
    try {
        & $program -I -X utf8 $arguments 2>&1 | ForEach-Object {
            Write-Host "  $_"
            Add-Content -LiteralPath $log -Encoding UTF8 -Value "  $_"
        }
        $script:code = $LASTEXITCODE
    } catch {
        Say "  $program cannot be started: $_" ''
    }
}

function Test-Kit {
    Say 'Checking the files of the kit.' '正在校验安装包文件。'
    $sums = Join-Path $kit 'SHA256SUMS'
    foreach ($line in Get-Content -LiteralPath $sums -Encoding UTF8) {
        $wanted, $name = $line -split '  ', 2
        $file = Join-Path $kit $name
        if (-not (Test-Path -LiteralPath $file)) {
            Stop-Setup "$name is missing. Unpack the whole zip file again; a virus scanner may have taken it." "缺少 ${name}。请重新解压整个压缩包;也可能被杀毒软件删除。" 4
        }
        if ((Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash -ne $wanted) {
            Stop-Setup "$name is damaged or was changed. Get the kit again." "$name 已损坏或被修改。请重新获取安装包。" 4
        }
    }
}

# "3.12 win-amd64" for a Python that starts, nothing for one that does not.
function Get-PythonKind([string]$candidate) {
    $ErrorActionPreference = 'Continue'
    $said = ''
    try {
        $said = & $candidate -I -c 'import sys, sysconfig; print(sys.version_info[0], sys.version_info[1], sysconfig.get_platform())' 2>$null
    } catch {
        Say "  cannot be started: $candidate" ''
    }
    if ("$said" -match '^(\d+) (\d+) (\S+)$') { "$($Matches[1]).$($Matches[2]) $($Matches[3])" }
}

function Get-PythonCandidates {
    if ($Python -ne '') { return $Python }
    $found = @()
    foreach ($hive in 'HKCU:\Software\Python\PythonCore', 'HKLM:\Software\Python\PythonCore') {
        foreach ($key in Get-ChildItem -Path "$hive\*\InstallPath" -ErrorAction SilentlyContinue) {
            $values = Get-ItemProperty -LiteralPath $key.PSPath
            if ($values.PSObject.Properties.Name -contains 'ExecutablePath') { $found += $values.ExecutablePath }
            elseif ($values.PSObject.Properties.Name -contains '(default)') { $found += Join-Path $values.'(default)' 'python.exe' }
        }
    }
    foreach ($place in "$env:LOCALAPPDATA\Programs\Python", $env:ProgramFiles, $env:SystemDrive) {
        $found += Get-ChildItem -Path "$place\Python3*\python.exe" -ErrorAction SilentlyContinue | ForEach-Object { $_.FullName }
    }
    $found += Get-Command python.exe -All -ErrorAction SilentlyContinue | ForEach-Object { $_.Source }
    $found | Where-Object { $_ } | Select-Object -Unique
}

# A Python whose version has its packages in this kit; Windows hides the files of Store programs from Excel.
function Find-Python([string[]]$versions) {
    Say "Looking for Python $($versions -join ' or '), 64 bit." "正在查找 64 位 Python $($versions -join ' 或 ')。"
    foreach ($candidate in Get-PythonCandidates) {
        if ($candidate -like '*\WindowsApps\*') {
            Say "  passed over, from the Microsoft Store: $candidate" ''
            continue
        }
        $kind = Get-PythonKind $candidate
        foreach ($version in $versions) {
            if ($kind -eq "$version win-amd64") {
                Say "  using $candidate ($kind)" ''
                return $candidate
            }
        }
        Say "  passed over, $(if ($kind) { $kind } else { 'does not start' }): $candidate" ''
    }
    Stop-Setup ("No fitting Python was found. Get the Windows installer (64-bit) of Python $($versions[-1]) from https://www.python.org/downloads/windows/, " +
        "start it, leave 'Use admin privileges' unticked, choose Install Now, then start setup.cmd again. " +
        "Or name a python.exe: setup.cmd -Python ""C:\folder\python.exe""") "未找到合适的 Python。请从 https://www.python.org/downloads/windows/ 下载 Python $($versions[-1]) 的 64 位安装程序,安装时不要勾选管理员权限,选择 Install Now,然后重新运行 setup.cmd。" 5
}

function Assert-ExcelIsClosed {
    # on a terminal server other people's Excel is listed too
    $session = (Get-Process -Id $PID).SessionId
    if (Get-Process -Name EXCEL -ErrorAction SilentlyContinue | Where-Object { $_.SessionId -eq $session }) {
        Stop-Setup 'Excel is open. Save your work, close every Excel window, then start setup.cmd again.' 'Excel 正在运行。请保存工作并关闭所有 Excel 窗口,然后重新运行 setup.cmd。' 6
    }
}

# The environment is ours if it bears our marker; any other folder with content is left alone.
function New-Environment([string]$basePython) {
    $occupied = (Test-Path -LiteralPath $Folder) -and (Get-ChildItem -LiteralPath $Folder -Force | Select-Object -First 1)
    if ($occupied -and -not (Test-Path -LiteralPath $marker)) {
        Stop-Setup "$Folder exists and was not made by this setup. Name another: setup.cmd -Folder ""C:\Users\Public\receivables""" "$Folder 已存在且不是由本程序创建。请用 -Folder 指定其他文件夹。" 7
    }
    if ($occupied -and ((Get-PythonKind $venvPython) -eq (Get-PythonKind $basePython))) {
        Say "Keeping the environment $Folder." "沿用已有环境 ${Folder}。"
        return
    }
    Say "Making the environment $Folder." "正在创建环境 ${Folder}。"
    New-Item -ItemType Directory -Force -Path $Folder | Out-Null
    Invoke-Python $basePython @('-m', 'venv', '--clear', $Folder)
    if ($script:code -ne 0) {
        Stop-Setup 'Python could not make the environment; see the lines above.' 'Python 未能创建环境,请查看上面的信息。' 8
    }
    Set-Content -LiteralPath $marker -Encoding ASCII -Value 'Made by setup.ps1 of receivables. setup.cmd -Uninstall removes this folder.'
}

function Install-Packages([string]$version) {
    Say 'Installing the packages of the kit (no network, some minutes).' '正在安装软件包(无需网络,需几分钟)。'
    Invoke-Python $venvPython @('-m', 'pip', 'install', '--no-index', '--find-links', $wheels, '--upgrade', '--disable-pip-version-check', '--no-warn-script-location', "receivables==$version")
    if ($script:code -ne 0) {
        Stop-Setup 'The packages could not be installed; see the lines above.' '软件包安装失败,请查看上面的信息。' 9
    }
}

function Install-AddIn {
    Copy-Item -LiteralPath (Join-Path $kit 'doctor.cmd') -Destination $Folder
    Say 'Putting the add-in where Excel finds it.' '正在将加载项放到 Excel 的启动文件夹。'
    Invoke-Python $venvPython @('-m', 'receivables', 'excel', 'install')
    if ($script:code -ne 0) {
        Stop-Setup 'The add-in was not installed; the line above says why and what to do.' '加载项未安装;上一行说明了原因和办法。' 10
    }
    Say 'Looking the installation through.' '正在检查安装结果。'
    Invoke-Python $venvPython @('-m', 'receivables', 'excel', 'doctor', '--report', $report)
    if ($script:code -ne 0) {
        Stop-Setup "Installed, but something needs a look. The report for your helpdesk: $report" "已安装,但有项目需要处理。供服务台使用的报告:$report" 11
    }
}

function Remove-All {
    Assert-ExcelIsClosed
    if (Test-Path -LiteralPath $venvPython) {
        Say 'Taking the add-in away.' '正在移除加载项。'
        Invoke-Python $venvPython @('-m', 'receivables', 'excel', 'uninstall')
        if ($script:code -ne 0) {
            Stop-Setup 'Something was kept; the lines above say what and why. Then start setup.cmd -Uninstall again.' '有文件被保留,请查看上面的信息,然后再次运行 setup.cmd -Uninstall。' 12
        }
    }
    if (Test-Path -LiteralPath $marker) {
        Say "Removing the environment $Folder." "正在删除环境 ${Folder}。"
        Remove-Item -LiteralPath $Folder -Recurse -Force
    } else {
        Say "There is no environment of this setup in $Folder." "$Folder 中没有由本程序创建的环境。"
    }
    Say 'Done. Python itself was left as it is.' '完成。Python 本身未改动。'
}

function Install-All {
    Test-Kit
    $about = Get-Content -LiteralPath (Join-Path $kit 'kit.json') -Raw -Encoding UTF8 | ConvertFrom-Json
    Say "receivables $($about.version)" ''
    Assert-ExcelIsClosed
    $basePython = Find-Python @($about.pythons)
    New-Environment $basePython
    Install-Packages $about.version
    Install-AddIn
    Say 'Done. Start Excel: the tab Receivables is there.' '完成。请启动 Excel:功能区会出现 Receivables 选项卡。'
    Write-Host "Report / 报告: $report"
}

Set-Content -LiteralPath $log -Encoding UTF8 -Value "receivables setup, $(Get-Date -Format s)"
Say "Every step is written to $log" "每一步都会记入 $log"
try {
    # no index, proxy or constraint of the firm's pip settings
    $env:PIP_CONFIG_FILE = 'nul'
    if ($Folder -notmatch '^[A-Za-z]:\\.+') {
        Stop-Setup "$Folder is not a full path on a drive of this machine. Write one, such as C:\Users\Public\receivables." "$Folder 不是本机驱动器上的完整路径。" 13
    }
    if ($Uninstall) { Remove-All } else { Install-All }
} catch {
    Stop-Setup "$_" '' 1
}
exit 0
