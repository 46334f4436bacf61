# Completion for PowerShell: `git-bak`. Printed by `git bak completions powershell`.
# The program itself knows what fits.

Register-ArgumentCompleter -Native -CommandName 'git-bak', 'git-bak.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_.Value) { [string]$_.Value } else { $_.Extent.Text } })
    $last = $wordToComplete.Trim("'", '"')
    # Before 7.3 an empty argument got lost on its way to a program.
    if ($last -eq '' -and $PSVersionTable.PSVersion -lt [version]'7.3') { $last = '""' }
    # The program writes UTF-8, which PowerShell reads only if it is told so.
    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding
        $lines = @(git-bak complete '--' git-bak @words $last 2>$null)
    } finally {
        [Console]::OutputEncoding = $encoding
    }
    $lines | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        $text = if ($value -match '^[\w./:=+%-]+$') { $value } else { "'" + $value.Replace("'", "''") + "'" }
        if (-not $help) { $help = $value }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
    }
}
