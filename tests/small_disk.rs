//! A disk with little room: what it has is Git's.

#![cfg(target_os = "linux")]

use crate::scratch::{Ran, Scratch};

/// Runs shell lines with a disk of such a size at `$M`; `None` where nothing can be mounted.
fn on_disk(s: &Scratch, size: &str, lines: &str) -> Option<Ran> {
    let how = ["-m", "-rm"].into_iter().find(|how| {
        let tried = s.command("unshare").args([how, "true"]).output();
        tried.is_ok_and(|tried| tried.status.success())
    })?;
    let script = format!(
        "M=$(mktemp -d) && mount -t tmpfs -o {size} tmpfs $M || exit 77\ncd $M; git init -q r; cd r\n\
         git config user.name T; git config user.email t@example.org; git config gc.auto 0\n\
         git bak install 2>/dev/null; echo base >base; git add .; git commit -qm base\n{lines}\n"
    );
    let ran = s.command("unshare").args([how, "sh", "-c", &script]).output().unwrap();
    Some(Ran::of(&ran)).filter(|ran| ran.status != 77)
}

#[test]
fn the_room_that_a_commit_needs_is_left() {
    let s = Scratch::empty();
    let lines = "for n in 1 2 3 4 5 6 7 8 9; do head -c 300000 /dev/urandom >f$n; done
        git add .; ls *.bak.* | wc -l; git commit -qm two && git status --porcelain && git bak list f9";
    let Some(ran) = on_disk(&s, "size=8m", lines) else { return };
    assert_eq!(ran.status, 0, "{ran:#?}");
    let made: usize = ran.stdout.lines().next().unwrap().trim().parse().unwrap();
    assert!((1..9).contains(&made), "some had room: {ran:#?}");
    assert!(ran.stdout.contains("vault"), "{ran:#?}");
    assert!(ran.stderr.contains("kept in the vault only: the disk is nearly full"), "{ran:#?}");
}

#[test]
fn a_commit_that_just_fits_goes_through_and_what_is_not_protected_is_named() {
    let s = Scratch::empty();
    let lines = "echo two >f; echo edited >base
        head -c $(($(df -k --output=avail . | tail -1) - 60))k /dev/zero >../fill
        git add f && git commit -qm two || exit 1
        find .git/bak/files . -name '*.bak.*' | wc -l";
    let Some(ran) = on_disk(&s, "size=8m", lines) else { return };
    assert_eq!((ran.status, ran.stdout.trim()), (0, "0"), "{ran:#?}");
    assert!(ran.stderr.contains("base: not protected: the disk is nearly full"), "{ran:#?}");
}

#[test]
fn files_that_can_still_be_made_are_git_s_too() {
    let s = Scratch::empty();
    let lines = "for n in $(seq 1 9); do echo $n >f$n; done
        n=$(($(df --output=iavail . | tail -1) - 40)); mkdir ../x; seq -f ../x/%g 1 $n | xargs touch
        git add . && git commit -qm two || exit 1
        df --output=iavail . | tail -1; ls *.bak.*";
    let Some(ran) = on_disk(&s, "size=8m,nr_inodes=400", lines) else { return };
    assert!(!ran.stderr.contains("No space") && !ran.stdout.contains(".bak."), "{ran:#?}");
    assert!(ran.stdout.trim().parse::<u64>().is_ok_and(|left| left < 40), "{ran:#?}");
}

/// A run that fails on a disk that its command has filled up to here, and what brings all of it back.
const FILLED: &str = "echo 1 >f; echo 2 >g; echo 3 >h; git add f g; git commit -qm two; echo edited >f
    sha1sum f g h >../before
    git bak run -- sh -c 'rm g; for f in f h; do echo spoilt >$f; done; cat /dev/zero >FILL 2>/dev/null; exit 5'
    echo status $? >&2; sha1sum -c --status ../before 2>/dev/null && exit 2";

#[test]
fn a_run_that_fails_on_a_full_disk_says_what_is_the_matter_and_brings_all_back_later() {
    let s = Scratch::empty();
    for (fill, lines) in [("../fill", "rm ../fill"), ("fill", "rm fill")] {
        let lines = format!(
            "{}\ngit bak run --abort && echo not yet\n{lines}; git bak run --abort && sha1sum -c --quiet ../before",
            FILLED.replace("FILL", fill)
        );
        let Some(ran) = on_disk(&s, "size=8m", &lines) else { return };
        assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{ran:#?}");
        assert!(ran.stderr.contains("not everything is put back: "), "{ran:#?}");
        assert!(
            ran.stderr.contains("once that is out of the way: git bak run --abort"),
            "{ran:#?}"
        );
        let (failed, later) = ran.stderr.split_once("status ").unwrap();
        assert!(
            !failed.contains("as it was") && later.contains("Everything is as it was"),
            "{ran:#?}"
        );
    }
}

#[test]
fn where_nothing_can_be_kept_nothing_is_run() {
    let s = Scratch::empty();
    let lines = "head -c 300000 /dev/urandom >f; cat /dev/zero >../fill 2>/dev/null; n=30
        while test $n -gt 0; do
            truncate -s -256k ../fill; n=$((n-1)); before=$(sha1sum f)
            git bak run -- sh -c 'touch ../ran; echo spoilt >f; exit 5'
            test -e ../ran && break; test \"$before\" = \"$(sha1sum f)\" || exit 2
        done; test -e ../ran || exit 3; rm ../fill; git bak run --abort; test \"$before\" = \"$(sha1sum f)\"";
    let Some(ran) = on_disk(&s, "size=8m", lines) else { return };
    assert_eq!(ran.status, 0, "{ran:#?}");
    let no = "f: it can't be saved, and could not be put back: the disk is nearly full";
    assert!(ran.stderr.contains(no) && ran.stderr.contains("Run: "), "{ran:#?}");
}

#[test]
fn a_copy_elsewhere_on_a_full_disk_costs_a_commit_nothing_and_is_named() {
    let s = Scratch::empty();
    let lines = "git init -q --bare ../bak.git; git init -q $HOME/r; cd $HOME/r
        git config user.name T; git config user.email t@example.org; git config gc.auto 0
        git config bak.remote file://$M/bak.git; git bak install 2>/dev/null
        head -c 9000000 /dev/urandom >f; git add f; git commit -qm two || exit 1
        git bak push; echo push $?; git bak status; git -C $M/bak.git fsck && git bak show f@{1} | cmp - f";
    let Some(ran) = on_disk(&s, "size=8m", lines) else { return };
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(
        ran.stdout.contains("push 3\n") && ran.stdout.contains("does not have all"),
        "{ran:#?}"
    );
    assert!(ran.stderr.contains("not pushed: "), "{ran:#?}");
}
