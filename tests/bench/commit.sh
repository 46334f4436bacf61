#!/bin/sh
# What a commit costs with git-bak's hooks and with others, all in one interleaved run.
# Never a test: it exits 0 whatever it measured. Its options: sh tests/bench/commit.sh --help
here=$(dirname "$0")
if command -v python3 >/dev/null 2>&1; then
    python3 "$here/commit.py" "$@" || echo 'commit.sh: nothing was measured' >&2
else
    echo 'commit.sh: skipped: it needs python3' >&2
fi
exit 0
