//! Limits of the system: what they forbid is left out, with one line each, and the commit goes on.

use super::{LINES, commits_both, edited, sh};
use crate::pair::{left, ours};
use crate::scratch::{Ran, Scratch};

fn limited(limit: &str) -> impl Fn(&Scratch) -> Ran {
    let line = format!("ulimit {limit}; exec git commit -m second");
    move |scratch| Ran::of(&sh(scratch, &line).output().unwrap())
}

#[test]
fn few_open_files_are_enough() {
    let ran = commits_both(&edited(), limited("-n 20"));
    assert_eq!(ours(&ran).len(), LINES, "{ran:#?}");
}

#[test]
fn little_memory_is_enough() {
    commits_both(&edited(), limited("-v 400000"));
}

/// Text that no compression makes small.
fn incompressible(size: usize) -> String {
    let mut number: u64 = 1;
    let mut next = || {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b' ' + u8::try_from((number >> 33) % 95).unwrap())
    };
    (0..size).map(|_| next()).collect()
}

#[test]
fn a_file_over_the_limit_of_file_sizes_is_named_and_the_rest_protected() {
    let pair = edited();
    pair.write("b.txt", &incompressible(100_000));
    // In blocks of 512 bytes.
    let ran = pair.same(limited("-f 120"));
    assert_eq!(ran.status, 0, "{ran:#?}");
    let failed: Vec<&str> = ours(&ran).into_iter().filter(|line| line.contains('✗')).collect();
    assert_eq!(failed.len(), 1, "{ran:#?}");
    assert!(failed[0].contains("b.txt: not protected"), "{ran:#?}");
    assert!(left(&pair.with.root()).is_empty());
    assert!(pair.with.vault_has("a.txt", "two\n"));
}

#[test]
fn a_record_over_the_limit_of_file_sizes_is_left_out_and_not_torn() {
    let pair = edited();
    let day = pair.with.top().join(".git/bak/record/2025-11-06");
    // A foreign line leaves no room for the next below 40 blocks of 512 bytes.
    let mut text = std::fs::read_to_string(&day).unwrap();
    let (begin, end) = ("{\"t\":1,\"ev\":\"other\",\"pad\":\"", "\"}\n");
    let room = 40 * 512 - 50 - text.len() - begin.len() - end.len();
    text += &(begin.to_owned() + &"x".repeat(room) + end);
    std::fs::write(&day, text).unwrap();
    let before = std::fs::read(&day).unwrap();
    let ran = pair.same(limited("-f 40"));
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(ours(&ran).iter().any(|line| line.contains("the record is left out")), "{ran:#?}");
    let after = std::fs::read(&day).unwrap();
    assert_eq!(after.trim_ascii(), before.trim_ascii(), "a line that came short is blanked");
    assert_eq!(pair.with.backup_texts("b.txt"), ["edited\n"], "what nothing names stays");
    assert!(pair.with.vault_has("a.txt", "two\n"), "named when it was staged");
    pair.write("b.txt", "edited again\n");
    commits_both(&pair, |scratch| scratch.try_git(["commit", "-qam", "third"]));
}

#[test]
fn the_users_hook_feels_the_limit_as_without_us() {
    for hook in ["pre-commit", "post-commit"] {
        let pair = edited();
        let write = "sh -c 'head -c 200000 /dev/zero >../big' 2>/dev/null";
        pair.hook(hook, &format!("{write}; echo \"status $?\" >../status; rm -f ../big"));
        pair.same(limited("-f 120")).expect_success();
        let status = |scratch: &Scratch| std::fs::read_to_string(scratch.root().join("status"));
        assert_eq!(status(&pair.with).unwrap(), status(&pair.without).unwrap(), "{hook}");
        assert_ne!(status(&pair.with).unwrap(), "status 1\n", "a signal has ended it");
    }
}
