#!/bin/sh
# Builds git-bak as it is to be used, and prints where the program is; everything else goes to standard error.
#
# On Linux the program is linked statically where the system's C library can be. A hook is started twice in
# each commit, and finding and joining four shared libraries would take longer than most of its work; and it
# runs in a container with an older C library, too, that has the repository mounted.
set -eu
unset CDPATH

top=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Cargo itself says where it put the program: CARGO_TARGET_DIR and build.target move it.
build() {
    (cd "$top" && cargo build --release --locked --message-format=json-render-diagnostics "$@") >"$scratch/said"
}

links_statically() {
    echo 'int main(void) { return 0; }' | cc -static -x c -o "$scratch/probe" - 2>/dev/null
}

host=$(rustc -vV | sed -n 's/^host: //p')
case $host in
*-linux-gnu)
    if links_statically; then
        # Flags for a named target don't reach the compiler's own plug-ins, which can't be static.
        key=$(printf '%s' "$host" | tr 'a-z-' 'A-Z_')
        (
            export LIBZ_SYS_STATIC=1 "CARGO_TARGET_${key}_RUSTFLAGS=-C target-feature=+crt-static"
            build --target "$host"
        ) || build
    else
        build
    fi
    ;;
*) build ;;
esac

built=$(sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' "$scratch/said" | grep '/git-bak$' | tail -n 1) || {
    echo 'build: cargo built no program git-bak' >&2
    exit 1
}
printf '%s\n' "$built"
