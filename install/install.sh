#!/bin/sh
# Builds git-bak, puts the binary into a folder of yours, and installs its hooks into a repository or,
# without one, shows the life of a backup in a demonstration repository and checks every step of it.
set -eu
unset CDPATH

usage() {
    cat <<'TEXT'
usage: sh install/install.sh [--prefix DIR] [--keep] [REPO]
       sh install/install.sh [--prefix DIR] --uninstall

Builds git-bak and places the program in DIR (default: $PREFIX, else ~/.local/bin),
the manual page and the shell completions in DIR/../share. Needs Rust 1.89 or
later, a C compiler and Git, but no root.
With REPO, a Git repository, it installs the hooks there.
Without REPO it demonstrates git-bak in a temporary repository, and fails if a
step of the demonstration doesn't work as promised.

  --prefix DIR  install the program there
  --uninstall   remove what was installed; repositories keep their hooks
  --keep        keep the demonstration repository
  -h, --help    print this help
TEXT
}

say() { printf '%s\n' "$*"; }
die() {
    printf 'install: %s\n' "$*" >&2
    exit 1
}
wrong_usage() {
    printf 'install: %s\n' "$1" >&2
    usage >&2
    exit 2
}

# ---- what was asked for

prefix=${PREFIX:-}
repo=
keep=no
uninstall=no
while [ $# -gt 0 ]; do
    case $1 in
    --prefix)
        [ $# -ge 2 ] || wrong_usage '--prefix needs a folder'
        prefix=$2
        shift
        ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    --keep) keep=yes ;;
    --uninstall) uninstall=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    --)
        shift
        break
        ;;
    -*) wrong_usage "unknown option: $1" ;;
    *)
        [ -z "$repo" ] || wrong_usage "one repository at a time: $repo, $1"
        repo=$1
        ;;
    esac
    shift
done
if [ $# -gt 0 ]; then
    if [ $# -gt 1 ] || [ -n "$repo" ]; then wrong_usage 'one repository at a time'; fi
    repo=$1
fi
if [ -z "$prefix" ]; then
    [ -n "${HOME:-}" ] || die 'HOME is not set: say where the binary goes with --prefix DIR'
    prefix=$HOME/.local/bin
fi
top=$(cd "$(dirname "$0")/.." && pwd)

# ---- taking it out

# Everything that is placed beside the binary, below the folder share.
beside='man/man1/git-bak.1
bash-completion/completions/git-bak
zsh/site-functions/_git-bak
fish/vendor_completions.d/git-bak.fish'

if [ "$uninstall" = yes ]; then
    [ -z "$repo" ] || wrong_usage "--uninstall takes no repository: git bak uninstall, in $repo, takes the hooks out"
    [ ! -d "$prefix" ] || prefix=$(cd "$prefix" && pwd)
    removed=no
    for file in git-bak $beside; do
        if [ "$file" = git-bak ]; then file=$prefix/git-bak; else file=$(dirname "$prefix")/share/$file; fi
        [ -f "$file" ] || continue
        rm -f -- "$file"
        say "Removed $file"
        removed=yes
    done
    [ "$removed" = yes ] || say "There is no git-bak in $prefix"
    say 'Repositories keep their hooks, which run your own hooks and say that git-bak is missing; backups and'
    say 'vaults stay, too. To take the hooks out of one, install git-bak again and run in the repository:'
    say '    git bak uninstall              (out of the template: git bak uninstall --template)'
    exit 0
fi

# ---- what leaves nothing behind

scratch=  # the demonstration
placing=  # the binary under its temporary name
tidy() {
    status=$?
    trap - EXIT HUP INT TERM
    [ -z "$placing" ] || rm -f -- "$placing"
    if [ -n "$scratch" ]; then
        if [ "$keep" = yes ] && [ -d "$scratch/demo" ]; then
            say "The demonstration repository is still there: $scratch/demo"
        else
            rm -rf -- "$scratch"
        fi
    fi
    exit "$status"
}
trap tidy EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- what has to be there

missing=
need() { # what it is, how to get it
    missing=yes
    printf 'install: missing: %s\n         %s\n' "$1" "$2" >&2
}
has() { command -v "$1" >/dev/null 2>&1; }
# The oldest Rust that builds it stands in Cargo.toml; what Debian 12, Debian 13 and Ubuntu 24.04 have is older.
rust=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$top/Cargo.toml")
found=$( (cd "$top" && cargo --version) 2>/dev/null | sed -n 's/^cargo \([0-9]*\.[0-9]*\).*/\1/p')
older() { # whether the version $1 is older than $2
    [ "${1%%.*}" -lt "${2%%.*}" ] || { [ "${1%%.*}" -eq "${2%%.*}" ] && [ "${1#*.}" -lt "${2#*.}" ]; }
}
rustup="get it with rustup: https://rustup.rs (the cargo of Debian 12, Debian 13 and Ubuntu 24.04 is too old)"
if [ -z "$found" ]; then
    need "cargo, the build tool of Rust $rust or later" "$rustup"
elif older "$found" "$rust"; then
    need "Rust $rust or later; the cargo on your PATH is $found" "$rustup"
fi
has git || need 'git' 'Debian: apt-get install git; Fedora: dnf install git; macOS: xcode-select --install'
echo '#include <stdlib.h>' | cc -E -x c - >/dev/null 2>&1 ||
    need 'a C compiler with its headers, named cc (libgit2 is compiled in)' \
        'Debian: apt-get install gcc libc6-dev; Fedora: dnf install gcc; macOS: xcode-select --install'
[ -z "$missing" ] || exit 1

# A Git that runs a hook names its repository in the environment. Here the arguments name it.
# shellcheck disable=SC2046 # one word each: they are variable names
unset $(git rev-parse --local-env-vars)

if [ -n "$repo" ]; then
    [ -d "$repo" ] || die "$repo: no such folder"
    repo=$(cd "$repo" && pwd)
    git -C "$repo" rev-parse --git-dir >/dev/null ||
        die "$repo: Git can't use it as a repository (a new one: git init '$repo'); nothing was built or changed"
fi

# ---- build and place

scratch=$(mktemp -d)
say 'Building git-bak (the first time takes a few minutes) ...'
built=$(sh "$top/install/build.sh") || die 'the build failed: see above'

place() { # mode, file; its content on standard input
    mkdir -p -- "$(dirname "$2")"
    placing=$(mktemp "$(dirname "$2")/.git-bak.XXXXXX")
    cat >"$placing"
    chmod "$1" "$placing"
    mv -f -- "$placing" "$2" # one rename: who uses it now sees the old or the new one
    placing=
}
mkdir -p -- "$prefix"
prefix=$(cd "$prefix" && pwd)
place 755 "$prefix/git-bak" <"$built"
say "Placed $prefix/git-bak ($("$prefix/git-bak" --version))"

# The page that `git help bak` and `git bak --help` open, and what the Tab key asks.
share=$(dirname "$prefix")/share
for file in $beside; do
    case $file in
    man/*) "$prefix/git-bak" man ;;
    bash*) "$prefix/git-bak" completions bash ;;
    zsh/*) "$prefix/git-bak" completions zsh ;;
    fish*) "$prefix/git-bak" completions fish ;;
    esac >"$scratch/text"
    place 644 "$share/$file" <"$scratch/text"
done
say "Placed the manual page and the completions for bash, zsh and fish in $share"
case ${SHELL:-} in
*/zsh) say "For zsh to find its own, add this line before compinit in ~/.zshrc: fpath=('$share/zsh/site-functions' \$fpath)" ;;
esac

case :$PATH: in
*":$prefix:"*) ;;
*)
    say "$prefix is not on your PATH. For 'git bak' to be found, add this line to your shell's start-up file:"
    say "    export PATH=\"$prefix:\$PATH\""
    PATH=$prefix:$PATH
    export PATH
    ;;
esac

# ---- a repository of the user's

if [ -n "$repo" ]; then
    (cd "$repo" && "$prefix/git-bak" install) || die "git-bak install failed in $repo (exit status $?): see above"
    say "git-bak looks after $repo from now on. Its copies: git bak list. To get work back: git bak restore FILE"
    exit 0
fi

# ---- the demonstration: real commands, their real output, and a check of each promise

demo=$scratch/demo
copy=$scratch/work-in-progress
broken() {
    printf '\ninstall: the demonstration FAILED: %s\n' "$*" >&2
    exit 1
}
chapter() { printf '\n# %s\n' "$*"; }
try() { # shows a command, runs it, returns its status
    printf '$ %s\n' "$1"
    eval "$1" 2>&1
}
must() { try "$1" || broken "'$1' ended with exit status $?"; }
backups() { find . -path ./.git -prune -o -name '*.bak.*' -print; }

# Nothing of the user's own settings has a part in it, and it leaves none behind. The binary just
# placed comes first, whatever else is on the PATH.
PATH=$prefix:$PATH
HOME=$scratch/home
XDG_CONFIG_HOME=$scratch/home/.config
GIT_CONFIG_GLOBAL=/dev/null
GIT_CONFIG_NOSYSTEM=1
export PATH HOME XDG_CONFIG_HOME GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM
unset GIT_BAK GIT_TEMPLATE_DIR GIT_CONFIG_SYSTEM GIT_EDITOR GIT_TRACE || :
mkdir -p "$HOME" "$demo"
cd "$demo"
git init -q .
git config user.name 'Demo'
git config user.email 'demo@example.invalid'
git config commit.gpgSign false
git config core.pager cat
mkdir -p .git/hooks
cat >.git/hooks/commit-msg <<'HOOK'
#!/bin/sh
grep -q '^[a-z][a-z]*: ' "$1" && exit 0
echo "commit-msg: the subject must begin with a topic, as in 'docs: ...'"
exit 1
HOOK
chmod +x .git/hooks/commit-msg

chapter "A repository with one committed file, and a commit-msg hook of the user's own"
must "echo 'A first line.' >notes.txt"
must 'git add notes.txt'
must "git commit -qm 'docs: begin the notes'"
must 'git bak install'
for hook in post-index-change pre-commit post-commit post-checkout; do
    [ -x ".git/hooks/$hook" ] || broken "no $hook hook was installed"
done

chapter 'Work is staged: its copy is there at once'
must "echo 'An afternoon of work.' >>notes.txt"
must 'git add notes.txt'
must 'ls'
[ -n "$(backups)" ] || broken 'notes.txt was staged, and there is no backup beside it'

chapter 'A commit that fails: the copy stays beside the file'
if try "git commit -m 'more notes'"; then broken 'the commit went through; the commit-msg hook should have stopped it'; fi
must 'git bak list'
[ -n "$(backups)" ] || broken 'the commit failed, and there is no backup beside notes.txt'
cp notes.txt "$copy"
for backup in notes.txt.bak.*; do
    cmp -- "$backup" "$copy" || broken "$backup differs from what was to be committed"
done

chapter 'The work is lost, and comes back'
must 'git checkout HEAD -- notes.txt'
must 'cat notes.txt'
if cmp -s notes.txt "$copy"; then broken 'the work was not lost, so nothing would be shown by getting it back'; fi
must 'git bak restore notes.txt'
must 'cat notes.txt'
cmp notes.txt "$copy" || broken 'the restored file differs from the lost one'
say '(compared with a copy made before: the same, byte for byte)'

chapter 'A commit that succeeds: Git holds the work, the copies are gone, the vault still has them'
must 'git add notes.txt'
must "git commit -m 'docs: more notes'"
must 'ls'
[ -z "$(backups)" ] || broken "the commit succeeded, and backups are left: $(backups)"
must 'git bak list'
git bak list 2>/dev/null | grep -q 'notes\.txt' || broken "'git bak list' doesn't name notes.txt"
lost=$(git hash-object --no-filters "$copy")
git --git-dir=.git/bak/vault.git cat-file blob "$lost" | cmp -s - "$copy" || broken 'the vault does not hold the work that was lost'
[ -z "$(git status --porcelain)" ] || broken "the working tree isn't clean: $(git status --porcelain)"

printf '\nEvery step did what it promises. For a repository of yours: git bak install (inside it),\n'
say 'or: sh install/install.sh REPO'
