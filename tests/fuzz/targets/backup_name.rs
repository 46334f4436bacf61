//! Names of backups, of backups being written, of snapshots, and paths: what is read is what is written,
//! and nothing is taken for ours that the documentation doesn't describe.
#![no_main]

use git_bak::model::names::backup_name::{BackupName, Temporary, temporary_name};
use git_bak::model::names::quote::{quote, shell_word};
use git_bak::model::names::repo_path::RepoPath;
use git_bak_fuzz::is_printable;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    backup(data);
    temporary(data);
    path(data);
    for text in [quote(data, true), quote(data, false), shell_word(data)] {
        is_printable(&text);
        assert!(!text.contains('\n'));
    }
});

fn backup(data: &[u8]) {
    let name = BackupName::parse(data);
    // No name is both.
    assert!(name.is_none() || Temporary::parse(data).is_none());
    let Some(name) = name else { return };
    assert_eq!(name.to_bytes(), data);
    assert!(looks_like_one(data), "{}", data.escape_ascii());
    assert_eq!(name.fits(), data.len() <= 255);
    assert!(name.is_backup_of(&name.original));
    // It is a single name in a folder, so it can be joined to one.
    let beside = RepoPath::from_bytes(b"a/b".to_vec()).unwrap().with_file_name(data);
    assert!(beside.is_ok());
}

/// The documentation's words, written once more without the parser's parts.
fn looks_like_one(name: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    let is_time = |text: &[u8]| {
        text.len() == 15 && digits(&text[..8]) && text[8] == b'_' && digits(&text[9..])
    };
    let is_old = |name: &[u8]| {
        name.len() > 20
            && is_time(&name[name.len() - 15..])
            && name[..name.len() - 15].ends_with(b".bak.")
    };
    let (rest, id) = name.split_at(name.len().saturating_sub(9));
    is_old(name) || is_old(rest) && id[0] == b'.' && id[1..].iter().all(u8::is_ascii_alphanumeric)
}

fn temporary(data: &[u8]) {
    let Some(found) = Temporary::parse(data) else { return };
    let written = temporary_name(&found.original, found.pid, 0);
    assert_eq!(Temporary::parse(&written), Some(found));
    assert_eq!(written.len(), data.len());
}

/// A path that is taken leads nowhere outside and into no Git directory.
fn path(data: &[u8]) {
    let Ok(path) = RepoPath::from_bytes(data.to_vec()) else { return };
    assert_eq!(path.as_bytes(), data);
    for step in data.split(|&byte| byte == b'/') {
        assert!(!step.is_empty() && step != b"." && step != b".." && !step.contains(&0));
        assert!(!step.eq_ignore_ascii_case(b".git"));
    }
    assert_eq!(path.components().collect::<Vec<_>>().join(&b'/'), data);
}
