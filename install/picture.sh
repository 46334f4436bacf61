#!/bin/sh
# Prints the picture at the top of README.md, an SVG: the life of a backup, as a real run of the given program
# shows it. The clock stands still, so that the same program always makes the same picture.
#
#   cargo build && sh install/picture.sh target/debug/git-bak >install/picture.svg
set -eu
unset CDPATH

if [ $# -ne 1 ] || [ ! -x "$1" ]; then
    echo 'usage: sh install/picture.sh PROGRAM' >&2
    exit 2
fi
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing of the user's own settings has a part in it.
for name in $(env | sed -n 's/^\(GIT_[A-Z_0-9]*\)=.*/\1/p'); do unset "$name"; done
mkdir -p "$scratch/home" "$scratch/bin" "$scratch/repo"
ln -s "$program" "$scratch/bin/git-bak"
PATH=$scratch/bin:$PATH
HOME=$scratch/home
: >"$HOME/.gitconfig"
export PATH HOME GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL="$HOME/.gitconfig" LC_ALL=C.UTF-8 TZ=UTC COLUMNS=100
unset NO_COLOR

# The clock, a minute on with every command that is shown.
minute=9
tick() {
    minute=$((minute + 1))
    GIT_BAK_NOW=2025-11-06T20:$minute:45Z
    GIT_AUTHOR_DATE=$GIT_BAK_NOW
    GIT_COMMITTER_DATE=$GIT_BAK_NOW
    export GIT_BAK_NOW GIT_AUTHOR_DATE GIT_COMMITTER_DATE
}

# What the picture is drawn from: lines that begin with what they are.
chapter() { printf 'chapter %s\n' "$*"; }
try() { # a command as it is typed, and what it prints
    tick
    printf 'command %s\n' "$1"
    { eval "$1" || :; } 2>&1 | sed 's/^/output /'
}

life() {
    chapter 'Work is staged: its copy is there at once'
    try 'git add notes.txt'
    try 'ls -C'
    chapter 'The commit fails: the copy stays'
    try "git commit -m 'more notes'"
    chapter 'The work is lost, and comes back'
    try 'git checkout HEAD -- notes.txt'
    try 'git bak restore notes.txt'
    chapter 'The commit succeeds: the copies are removed, and the vault keeps them for 30 days'
    try "git commit -qam 'docs: more notes'"
    try 'git bak list'
}

cd "$scratch/repo"
tick
git init -q -b main .
git config user.name Demo
git config user.email demo@example.invalid
mkdir -p .git/hooks
cat >.git/hooks/commit-msg <<'HOOK'
#!/bin/sh
grep -q '^[a-z][a-z]*: ' "$1" && exit 0
echo "commit-msg: the subject must begin with a topic, as in 'docs: ...'"
exit 1
HOOK
chmod +x .git/hooks/commit-msg
echo 'A first line.' >notes.txt
git add notes.txt
git commit -qm 'docs: begin the notes'
git bak install 2>"$scratch/said" || {
    cat "$scratch/said" >&2
    exit 1
}
git config color.ui always
echo 'An afternoon of work.' >>notes.txt
life >"$scratch/life"

# Its own ground under it, it can be read on any page; and in the colours that the reader prefers.
awk -v escape="$(printf '\033')" '
function safe(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}
# Colours of the terminal as classes.
function coloured(text,    parts, count, at, code, rest, out) {
    count = split(text, parts, escape "\\[")
    out = safe(parts[1])
    for (at = 2; at <= count; at++) {
        code = parts[at]
        sub(/m.*/, "", code)
        rest = safe(substr(parts[at], length(code) + 2))
        if (rest == "") continue
        out = out (code == "" || code == "0" ? rest : "<tspan class=\"c" code "\">" rest "</tspan>")
    }
    return out
}
# Without variables, which some programs that draw SVGs do not know.
function colours(ground, rim, ink, dim, mark, red, green, yellow) {
    print ".ground { fill: " ground "; stroke: " rim " } .track { stroke: " rim "; stroke-width: 2 }"
    print "text { fill: " ink " } .prompt, .c2 { fill: " dim " } .chapter, .dot { fill: " mark " }"
    print ".c31 { fill: " red " } .c32 { fill: " green " } .c33 { fill: " yellow " }"
}
function line(class, text) {
    body = body "<text x=\"24\" y=\"" y "\" class=\"" class "\" xml:space=\"preserve\">" text "</text>\n"
    y += 20
}
BEGIN { y = 22 }
{
    kind = $1
    text = substr($0, length(kind) + 2)
}
kind == "chapter" {
    y += 14
    body = body "<circle cx=\"10\" cy=\"" y - 5 "\" r=\"4\" class=\"dot\"/>\n"
    line("chapter", safe(text))
}
kind == "command" { line("mono", "<tspan class=\"prompt\">$ </tspan><tspan class=\"typed\">" safe(text) "</tspan>") }
kind == "output" { line("mono", coloured(text)) }
END {
    height = y + 4
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-16 0 832 " height "\" width=\"832\" height=\"" height "\" role=\"img\">"
    print "<title>The life of a backup: made when work is staged, kept when the commit fails, gone when it succeeds</title>"
    print "<style>"
    colours("#ffffff", "#d0d7de", "#1f2328", "#59636e", "#0969da", "#b3261e", "#1a7f37", "#7d4e00")
    print "@media (prefers-color-scheme: dark) {"
    colours("#0d1117", "#3d444d", "#e6edf3", "#9198a1", "#58a6ff", "#ff7b72", "#56d364", "#e3b341")
    print "}"
    print ".mono { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, \"DejaVu Sans Mono\", monospace }"
    print ".chapter { font: 600 14px system-ui, -apple-system, \"Segoe UI\", \"DejaVu Sans\", sans-serif }"
    print ".typed, .c1 { font-weight: 600 }"
    print "</style>"
    print "<rect x=\"-15.5\" y=\".5\" width=\"831\" height=\"" height - 1 "\" rx=\"8\" class=\"ground\"/>"
    print "<path d=\"M10 31V" height - 16 "\" class=\"track\"/>"
    printf "%s", body
    print "</svg>"
}' "$scratch/life"
