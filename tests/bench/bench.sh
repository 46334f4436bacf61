#!/bin/sh
# What git-bak adds to Git's commands, beside what other hooks add, all in interleaved rounds: one table.
# Builds git-bak as it is installed. Never a test: it exits 0 whatever it measured.
# Its rows and options: sh tests/bench/bench.sh --help
here=$(dirname "$0")
if ! command -v python3 >/dev/null 2>&1; then
    echo 'bench.sh: skipped: it needs python3' >&2
elif [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
    python3 "$here/bench.py" --help
elif ! built=$(sh "$here/../../install/build.sh"); then
    echo 'bench.sh: nothing was measured: the build failed' >&2
else
    python3 "$here/bench.py" --binary "$built" "$@" || echo 'bench.sh: not all was measured' >&2
fi
exit 0
