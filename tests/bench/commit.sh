#!/bin/sh
# What a commit costs with git-bak's hooks and with others, all in one interleaved run.
# Builds git-bak as it is installed. Never a test: it exits 0 whatever it measured. Its options: sh tests/bench/commit.sh --help
here=$(dirname "$0")
if ! command -v python3 >/dev/null 2>&1; then
    echo 'commit.sh: skipped: it needs python3' >&2
elif ! built=$(sh "$here/../../install/build.sh"); then
    echo 'commit.sh: nothing was measured: the build failed' >&2
else
    python3 "$here/commit.py" --binary "$built" "$@" || echo 'commit.sh: nothing was measured' >&2
fi
exit 0
