//! Git's own monitor of the file system (git-fsmonitor--daemon(1)), asked over its socket, as Git itself does where
//! `core.fsmonitor` is `true` (Git's fsmonitor-ipc.c).
//!
//! Before it answers, it makes a file of its own in the Git directory and waits until the system has told it of that.
//! The system tells in order, so the answer has all that it was told of whatever was done before the question.
//!
//! What could go wrong: an answer that is cut short, or another one's, is taken for 'nothing changed'. So it counts
//! only if it came to its own end in time, every part of it is as long as it says, and it is of the daemon that gave
//! the token, which watches the working tree that the Git directory is in.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::command::Git;
use super::repository::{Repository, is_same};
use crate::os::{local_socket, platform};

/// How long to wait for it. Its own limit is a second, for file systems that tell it nothing; a look at all files takes
/// less.
const PATIENCE: Duration = Duration::from_millis(200);
/// A longer answer names so many files that a look at all of them is as good.
const MOST: u64 = 8 << 20;
/// A token is far shorter.
const LONGEST_TOKEN: usize = 1000;

const KIND: &[u8] = b"builtin:";

/// What it said.
#[derive(Debug)]
pub struct DaemonAnswer {
    text: Vec<u8>,
    names_at: usize,
}

/// Asks the daemon of this working tree what changed since it gave `token`; `None` if there is no answer to go by.
pub fn ask(repository: &Repository, token: &[u8]) -> Option<DaemonAnswer> {
    let git_dir = &repository.git_dir;
    if !is_its_working_tree(repository)
        || token.is_empty()
        || token.len() > LONGEST_TOKEN
        || token.contains(&0)
    {
        return None;
    }
    // Parts of a message begin with their length, and that of none is its end (gitprotocol-common(5), "pkt-line").
    let question = [format!("{:04x}", token.len() + 4).as_bytes(), token, b"0000"].concat();
    let (message, process) =
        local_socket::exchange(&place(repository), &question, PATIENCE, MOST).ok()?;
    let answer = DaemonAnswer::read(joined(&message)?, token)?;
    (!cfg!(target_os = "linux") || is_at_home(git_dir, process?)).then_some(answer)
}

/// Whether one may listen.
pub fn is_there(repository: &Repository) -> bool {
    place(repository).symlink_metadata().is_ok()
}

fn place(repository: &Repository) -> PathBuf {
    repository.git_dir.join("fsmonitor--daemon.ipc")
}

/// Starts the daemon, as Git does where it is set, and waits for nothing.
pub fn start(repository: &Repository) {
    if !is_its_working_tree(repository) {
        return;
    }
    // What the first caller tells it about working trees would count for all.
    let git =
        Git::new(&repository.top).without_env(&["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"]);
    let mut command = git.command(["fsmonitor--daemon", "start"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _ = command.spawn();
}

/// Whether this folder is the working tree of this Git directory.
fn is_its_working_tree(repository: &Repository) -> bool {
    let Repository { top, git_dir, .. } = repository;
    let dot_git = top.join(".git");
    if repository.worktree.is_none() {
        return *git_dir == dot_git && dot_git.symlink_metadata().is_ok_and(|meta| meta.is_dir());
    }
    let leads_back = |text: Vec<u8>| {
        is_same(&git_dir.join(platform::place_from_bytes(text.trim_ascii())), &dot_git)
    };
    std::fs::read(git_dir.join("gitdir")).is_ok_and(leads_back)
}

/// Whether a daemon was started for the working tree that its Git directory belongs to: `git --work-tree=<elsewhere>`
/// starts one that watches that other one, and every Git asks it from then on.
fn is_at_home(git_dir: &Path, process: u32) -> bool {
    let Ok(variables) = std::fs::read(format!("/proc/{process}/environ")) else { return false };
    // Git says itself where that of a linked working tree is.
    let is_linked = git_dir.join("gitdir").exists();
    let leads_away = |variable: &[u8]| {
        variable.starts_with(b"GIT_WORK_TREE=") || variable.starts_with(b"GIT_DIR=") && !is_linked
    };
    !variables.split(|&byte| byte == 0).any(leads_away)
}

impl DaemonAnswer {
    /// Token, and names, each ended by NUL, or `/` for 'anything may have changed'.
    fn read(text: Vec<u8>, asked: &[u8]) -> Option<Self> {
        let names_at = text.iter().position(|&byte| byte == 0)? + 1;
        let answer = Self { names_at, text };
        let (id, number) = parts(&answer.text[..names_at - 1])?;
        if let Some(mut names) = answer.names() {
            // Only the daemon that gave the token knows what came since; its numbers grow.
            let is_its_own = parts(asked).is_some_and(|it| it.0 == id && it.1 <= number);
            if !is_its_own || names.any(|name| name.is_empty() || name.starts_with(b"/")) {
                return None;
            }
        }
        (answer.text.last() == Some(&0)).then_some(answer)
    }

    /// As the daemon gave it, and Git understands it.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// A shorter one that says less: anything may have changed.
    pub fn anything(&self) -> Vec<u8> {
        [&self.text[..self.names_at], b"/\0"].concat()
    }

    /// The paths that changed, files and folders; `None` if anything may have.
    pub fn names(&self) -> Option<impl Iterator<Item = &[u8]>> {
        let names = &self.text[self.names_at..];
        let each = names.split_inclusive(|&byte| byte == 0);
        (names != b"/\0").then(|| each.map(|name| name.strip_suffix(b"\0").unwrap_or(name)))
    }
}

/// `builtin:<id>:<number>`
fn parts(token: &[u8]) -> Option<(&[u8], u64)> {
    let rest = token.strip_prefix(KIND)?;
    let colon = rest.iter().rposition(|&byte| byte == b':')?;
    let number = std::str::from_utf8(&rest[colon + 1..]).ok()?.parse().ok()?;
    Some((&rest[..colon], number))
}

/// When the daemon that gave this token began to watch, before it watched anything: seconds since 1970 and nanoseconds.
/// `None` of one that has resynced since, or that names itself otherwise.
pub fn began(token: &[u8]) -> Option<(i64, u32)> {
    // `<how often it resynced>.<process>.<time>`
    let (id, _) = parts(token)?;
    let rest = std::str::from_utf8(id).ok()?.strip_prefix("0.")?;
    let (_, time) = rest.split_once('.')?;
    let time = chrono::NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%S%.6fZ").ok()?.and_utc();
    Some((time.timestamp(), time.timestamp_subsec_nanos()))
}

/// The parts of a message without their lengths, if it is whole.
fn joined(mut message: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    loop {
        let (length, rest) = message.split_at_checked(4)?;
        let length = usize::from_str_radix(std::str::from_utf8(length).ok()?, 16).ok()?;
        if length == 0 {
            return rest.is_empty().then_some(text);
        }
        let (part, rest) = rest.split_at_checked(length.checked_sub(4)?)?;
        text.extend_from_slice(part);
        message = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &[u8] = b"builtin:0.77.20261130T174128.123456Z:5";

    fn read(message: &[u8]) -> Option<Vec<String>> {
        let answer = DaemonAnswer::read(joined(message)?, TOKEN)?;
        let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        Some(answer.names().map_or(vec!["anything".to_owned()], |names| names.map(text).collect()))
    }

    fn message(parts: &[&str]) -> Vec<u8> {
        let part = |part: &&str| format!("{:04x}{part}", part.len() + 4);
        (parts.iter().map(part).collect::<String>() + "0000").into_bytes()
    }

    #[test]
    fn names_are_those_since_the_token() {
        let token = "builtin:0.77.20261130T174128.123456Z:6\0";
        assert_eq!(read(&message(&[token])).unwrap(), [""; 0]);
        assert_eq!(read(&message(&[token, "a\0d/b", "\0c/\0"])).unwrap(), ["a", "d/b", "c/"]);
        assert_eq!(read(&message(&[token, "/\0"])).unwrap(), ["anything"]);
        let other = "builtin:0.78.20261130T174128.123456Z:0\0";
        assert_eq!(read(&message(&[other, "/\0"])).unwrap(), ["anything"]);
    }

    #[test]
    fn what_is_not_whole_or_of_another_is_no_answer() {
        let token = "builtin:0.77.20261130T174128.123456Z:6\0";
        let whole = message(&[token, "a\0"]);
        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), None, "{length}");
        }
        assert_eq!(read(&[&whole[..], b"x"].concat()), None);
        let others = [
            "builtin:0.78.20261130T174128.123456Z:6\0a\0",
            "builtin:0.77.20261130T174128.123456Z:4\0a\0",
            "builtin:0.77.20261130T174128.123456Z:6\0a",
            "builtin:0.77.20261130T174128.123456Z:6\0/\0a\0",
            "builtin:0.77.20261130T174128.123456Z:6\0a\0\0b\0",
            "builtin:0.77.20261130T174128.123456Z:6",
            "1764524488000000000\0a\0",
            "\0",
            "",
        ];
        assert!(others.iter().all(|other| read(&message(&[other])).is_none()));
        assert!(
            ["000", "0003", "zzzz", "0004", "+005a"].iter().all(|it| read(it.as_bytes()).is_none())
        );
    }

    #[test]
    fn a_token_says_when_its_daemon_began() {
        assert_eq!(began(TOKEN), Some((1_796_060_488, 123_456_000)));
        for other in ["builtin:1.77.20261130T174128.123456Z:5", "builtin:fake", "builtin:0.77.x:5"]
        {
            assert_eq!(began(other.as_bytes()), None, "{other}");
        }
    }
}
