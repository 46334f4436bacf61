# Completion for fish: `git bak` through fish's own completion of Git, and `git-bak`.
# Printed by `git bak completions fish`. The program itself knows what fits.

function __git_bak_values
    set -l words (commandline -opc)
    if string match -qr '(^|/)git-bak$' -- $words[1]
        set -e words[1]
    else if set -l bak (contains -i -- bak $words)
        set -e words[1..$bak]
    end
    set -l last (commandline -ct)
    # Without its quotes, if they can be told already.
    set -l plain (string unescape -- $last)
    and set last $plain
    git-bak complete -- git-bak $words "$last" 2>/dev/null
end

complete -c git-bak -f -a '(__git_bak_values)'
# What fish 3.6.0 and older don't find by themselves. They read this with Git's completion only if a
# start-up file has: git bak completions fish | source
complete -c git -f -n '__fish_git_needs_command' -a bak -d 'Back files up, and get them back'
complete -c git -f -n '__fish_git_using_command bak' -a '(__git_bak_values)'
