#!/bin/sh
# A long-running filter (gitattributes, "Long Running Filter Process") that turns letters by 13 places.
# With an argument that is not empty it answers every request with that status.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Reads one packet into a file that it appends to; fails at the end of a list.
get() {
    length=$(dd bs=1 count=4 2>/dev/null)
    [ -n "$length" ] || exit 0
    [ "$length" != 0000 ] || return 1
    dd bs=1 count=$((0x$length - 4)) 2>/dev/null >>"$1"
}

get_all() {
    : >"$1"
    while get "$1"; do :; done
}

# Writes a file as one packet.
put() {
    printf '%04x' $(($(wc -c <"$1") + 4))
    cat "$1"
}

say() {
    printf '%s\n' "$1" >"$work/line"
    put "$work/line"
}

end() { printf 0000; }

get_all "$work/in"
say git-filter-server
say version=2
end
get_all "$work/in"
say capability=clean
say capability=smudge
end
while :; do
    get_all "$work/request"
    get_all "$work/in"
    if [ -n "$1" ]; then
        say "status=$1"
        end
        continue
    fi
    tr A-Za-z N-ZA-Mn-za-m <"$work/in" >"$work/out"
    say status=success
    end
    [ ! -s "$work/out" ] || put "$work/out"
    end
    end
done
