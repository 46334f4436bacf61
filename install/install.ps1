<#
.SYNOPSIS
Builds git-bak, places the program, and installs its hooks into a repository.
.DESCRIPTION
Needs Rust 1.89 or later (with the C compiler that it asks for) and Git. No administrator is needed, and PATH is
left alone: if the folder isn't on it, the command that adds it is printed.
.PARAMETER Repo
A Git repository to install the hooks into.
.PARAMETER Prefix
The folder for the program.
.PARAMETER Uninstall
Take the program out again; repositories keep their hooks.
.EXAMPLE
powershell -ExecutionPolicy Bypass -File install\install.ps1 C:\src\project
#>
param(
    [Parameter(Position = 0)] [string] $Repo,
    [string] $Prefix = "$env:LOCALAPPDATA\Programs\git-bak",
    [switch] $Uninstall
)
$ErrorActionPreference = 'Stop'
# How a program ended is looked at here.
$PSNativeCommandUseErrorActionPreference = $false
$Prefix = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Prefix)
$program = Join-Path $Prefix 'git-bak.exe'

if ($Uninstall) {
    if (Test-Path -LiteralPath $program) {
        Remove-Item -LiteralPath $program
        Write-Output "Removed $program"
    } else {
        Write-Output "There is no git-bak in $Prefix"
    }
    Write-Output 'Repositories keep their hooks, which run your own hooks and say that git-bak is missing; backups'
    Write-Output 'and vaults stay, too. To take the hooks out of one, install git-bak again and run in the repository:'
    Write-Output '    git bak uninstall'
    exit 0
}

foreach ($tool in 'cargo', 'git') {
    if (-not (Get-Command $tool -ErrorAction SilentlyContinue)) {
        Write-Error "$tool is missing: install it, open a new terminal, and try again"
    }
}
# The oldest Rust that builds it stands in Cargo.toml.
$manifest = Join-Path (Split-Path -Parent $PSScriptRoot) 'Cargo.toml'
$rust = [version] ((Select-String -LiteralPath $manifest -Pattern '^rust-version = "(.*)"').Matches[0].Groups[1].Value)
$found = [version] ((cargo --version) -replace '^cargo (\d+\.\d+).*$', '$1')
if ($found -lt $rust) {
    Write-Error "git-bak needs Rust $rust or later, and this cargo is $($found): rustup update"
}
if ($Repo) {
    $Repo = (Resolve-Path -LiteralPath $Repo).Path
    git -C $Repo rev-parse --git-dir | Out-Null
    if ($LASTEXITCODE -ne 0) { Write-Error "${Repo}: Git can't use it as a repository; nothing was built" }
}

Write-Output 'Building git-bak (the first time takes a few minutes) ...'
# Cargo itself says where it put the program.
$arguments = 'build', '--release', '--locked', '--manifest-path', $manifest, '--message-format=json-render-diagnostics'
# It writes UTF-8, which PowerShell reads only if it is told so. Without a console there is nothing to tell.
$encoding = $null
try {
    $encoding = [Console]::OutputEncoding
    [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding
} catch { $encoding = $null }
try {
    $said = & cargo @arguments
} finally {
    if ($encoding) { [Console]::OutputEncoding = $encoding }
}
if ($LASTEXITCODE -ne 0) { Write-Error 'the build failed: see above' }
$built = $said | ForEach-Object { ($_ | ConvertFrom-Json).executable } |
    Where-Object { $_ -and (Split-Path -Leaf $_) -eq 'git-bak.exe' } | Select-Object -Last 1
if (-not $built) { Write-Error 'cargo did not say where it put git-bak.exe' }

New-Item -ItemType Directory -Force -Path $Prefix | Out-Null
# A program that runs can't be overwritten, but it can be renamed.
$old = "$program.old"
if (Test-Path -LiteralPath $old) { Remove-Item -LiteralPath $old -ErrorAction SilentlyContinue }
if (Test-Path -LiteralPath $program) { Move-Item -Force -LiteralPath $program -Destination $old }
try {
    Copy-Item -LiteralPath $built -Destination $program
} catch {
    if (Test-Path -LiteralPath $old) { Move-Item -Force -LiteralPath $old -Destination $program }
    throw
}
Remove-Item -LiteralPath $old -ErrorAction SilentlyContinue
Write-Output "Placed $program ($(& $program --version))"

if (($env:PATH -split ';') -notcontains $Prefix) {
    Write-Output "$Prefix is not on your PATH. For 'git bak' to be found, run this and open a new terminal:"
    Write-Output "    [Environment]::SetEnvironmentVariable('Path', [Environment]::GetEnvironmentVariable('Path', 'User') + ';$($Prefix.Replace("'", "''"))', 'User')"
}
Write-Output "For completion of git-bak, add this line to the file that `$PROFILE names:"
Write-Output "    git-bak completions powershell | Out-String | Invoke-Expression"

if ($Repo) {
    Push-Location -LiteralPath $Repo
    try { & $program install } finally { Pop-Location }
    if ($LASTEXITCODE -ne 0) { Write-Error "git-bak install failed in $Repo (exit status $LASTEXITCODE): see above" }
    Write-Output "git-bak looks after $Repo from now on. Its copies: git bak list. To get work back: git bak restore FILE"
}
