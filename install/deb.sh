#!/bin/sh
# Makes a Debian package of git-bak in DIR, and prints its path: sh install/deb.sh DIR
# With dpkg-deb alone, which every Debian has: building a packager from source would take longer than git-bak.
set -eu
unset CDPATH

[ $# -eq 1 ] || {
    echo 'usage: sh install/deb.sh DIR' >&2
    exit 2
}
mkdir -p -- "$1"
into=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

field() { # of Cargo.toml's [package]
    sed -n "s/^$1 = \"\\(.*\\)\"\$/\\1/p" Cargo.toml | head -n 1
}
# FILE MODE, below the package's root; its content on standard input
put() {
    mkdir -p -- "$(dirname "$scratch/tree/$1")"
    cat >"$scratch/tree/$1"
    chmod "$2" "$scratch/tree/$1"
}

built=$(sh install/build.sh)
arch=$(dpkg --print-architecture)
version=$(field version)
umask 022
put usr/bin/git-bak 755 <"$built"
"$built" man | gzip -9n | put usr/share/man/man1/git-bak.1.gz 644
"$built" completions bash | put usr/share/bash-completion/completions/git-bak 644
"$built" completions zsh | put usr/share/zsh/vendor-completions/_git-bak 644
"$built" completions fish | put usr/share/fish/vendor_completions.d/git-bak.fish 644
put usr/share/doc/git-bak/README.md 644 <README.md
gzip -9nc CHANGELOG.md | put usr/share/doc/git-bak/changelog.gz 644
cat LICENSE-MIT LICENSE-APACHE | put usr/share/doc/git-bak/copyright 644

# A program that is not linked statically needs this machine's C library, or a newer one.
needs='git (>= 1:2.39)'
if ldd "$built" 2>/dev/null | grep -q 'libc\.so'; then
    needs="$needs, libc6 (>= $(dpkg-query -W -f '${Version}' libc6))"
fi
# As Debian's own tools do: who builds it answers for it.
name=${DEBFULLNAME:-$(git config user.name || id -un)}
address=${DEBEMAIL:-$(git config user.email || echo "$(id -un)@localhost")}
put DEBIAN/control 644 <<CONTROL
Package: git-bak
Version: $version
Architecture: $arch
Maintainer: $name <$address>
Installed-Size: $(du -sk "$scratch/tree" | cut -f 1)
Depends: $needs
Section: vcs
Priority: optional
Description: safety net in Git's hooks
 $(field description).
CONTROL
package=$into/git-bak_${version}_$arch.deb
dpkg-deb --root-owner-group --build "$scratch/tree" "$package" >&2
printf '%s\n' "$package"
