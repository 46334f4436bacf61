# shellcheck shell=bash
# Completion for bash: `git bak` through Git's own completion, and `git-bak`.
# Printed by `git bak completions bash`; needs bash 3.2. The program itself knows what fits.

# Splits the line up to the cursor into words as the shell would. Sets `typed`, the words without their
# quotes, the last one unfinished; `raw`, the last one as it was typed; `quote`, one that is still open.
__git_bak_split() {
    local line=${COMP_LINE:0:COMP_POINT} char word='' i
    typed=() raw='' quote=''
    for ((i = 0; i < ${#line}; i++)); do
        char=${line:i:1}
        if [[ $quote$char == [[:space:]] ]]; then
            [[ -z $raw ]] || typed+=("$word")
            word='' raw=''
            continue
        fi
        raw+=$char
        if [[ $char == "$quote" ]]; then
            quote=''
        elif [[ -z $quote && $char == [\'\"] ]]; then
            quote=$char
        elif [[ $char == \\ && ($quote == '' || $quote == \" && ${line:i+1:1} == [\"\\\$\`]) ]]; then
            i=$((i + 1)) raw+=${line:i:1} word+=${line:i:1}
        else
            word+=$char
        fi
    done
    typed+=("$word")
}

# Fills COMPREPLY with what the program, run by $1, offers for the words after number $2.
__git_bak_reply() {
    local typed raw quote value help reply masked breaks taken='' safe='^[][:alnum:]_./@%+=:{}~^-]*$'
    __git_bak_split
    if [[ -z $quote ]]; then
        # Readline replaces what stands after the last of its own word breaks that is not escaped.
        masked=${raw//\\?/__}
        breaks=${COMP_WORDBREAKS//[\"\'\\[:space:]]/}
        taken=${masked%"${masked##*["$breaks"]}"}
        taken=${raw:0:${#taken}}
        # An @ it leaves with the word, while it takes that for a host's name.
        ! shopt -q hostcomplete || taken=${taken%@}
    fi
    compopt -o nosort 2>/dev/null || : # the newest version comes first
    while IFS=$'\t' read -r value help; do
        reply=$value
        if [[ -z $quote ]]; then
            [[ $value =~ $safe && $value != \~* ]] || printf -v reply %q "$value"
            reply=${reply#"$taken"}
        fi
        # Nothing more belongs to the word.
        [[ $value == *[@/=] ]] || reply+="$quote "
        # Asked a second time, readline lists and inserts nothing.
        [[ $COMP_TYPE != 63 || -z $help ]] || reply="${reply% }  ($help)"
        COMPREPLY+=("$reply")
    done < <($1 complete -- git-bak "${typed[@]:$2+1}" 2>/dev/null)
    # Not a description behind the only one: that would be inserted.
    [[ ${#COMPREPLY[@]} -ne 1 || $COMP_TYPE != 63 ]] || COMPREPLY=("${COMPREPLY[0]%  (*}")
}

# Git's completion calls this for `git bak`, having read the options before `bak`.
_git_bak() {
    __git_bak_reply '__git bak' "${__git_cmd_idx:-1}"
}

__git_bak_alone() {
    COMPREPLY=()
    __git_bak_reply "$1" 0
}
complete -o bashdefault -o default -o nospace -F __git_bak_alone git-bak
