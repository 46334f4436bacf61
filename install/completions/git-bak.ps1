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
    git-bak complete '--' git-bak @words $last 2>$null | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        $text = if ($value -match '^[\w./:=+%-]+$') { $value } else { "'" + $value.Replace("'", "''") + "'" }
        if (-not $help) { $help = $value }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
    }
}
