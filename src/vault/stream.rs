//! Days as a stream for `git fast-import`.
//!
//! Each begins with a root of its own, so that any day can go without the others; `feature done` makes one that was
//! cut off come to nothing. The same lines give the same commits.

use std::io::Write;

use super::commits::{Day, branch};
use crate::model::names::repo_path::RepoPath;

/// A file with its bytes, and whether it is executable.
pub type FileContent<'a> = (&'a RepoPath, &'a [u8], bool);

const WHO: &str = "git-bak <git-bak@localhost>";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Commit {
    pub time: i64,
    pub zone: i32,
    pub subject: String,
    pub body: Vec<Vec<u8>>,
    pub files: Vec<Blob>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blob {
    pub path: Vec<u8>,
    pub id: String,
    pub is_executable: bool,
}

pub(super) fn begin() -> Vec<u8> {
    b"feature done\n".to_vec()
}

pub(super) fn end(stream: &mut Vec<u8>) {
    stream.extend(b"done\n");
}

pub(super) fn day(stream: &mut Vec<u8>, day: &Day, commits: &[Commit]) {
    let branch = branch(day);
    put(stream, &format!("reset {branch}\n"));
    for commit in commits {
        put(stream, &format!("commit {branch}\n"));
        let when = when(commit);
        put(stream, &format!("author {WHO} {when}\ncommitter {WHO} {when}\n"));
        let message = message(commit);
        put(stream, &format!("data {}\n", message.len()));
        stream.extend(message);
        stream.push(b'\n');
        for file in &commit.files {
            let mode = if file.is_executable { "100755" } else { "100644" };
            put(stream, &format!("M {mode} {} {}\n", file.id, quoted(&file.path)));
        }
        stream.push(b'\n');
    }
}

/// A commit of all of `files`, without a parent; its id is printed.
pub(super) fn state(stream: &mut Vec<u8>, mark: usize, files: &[FileContent<'_>]) {
    put(
        stream,
        &format!("commit refs/heads/{mark}\nmark :{mark}\ncommitter {WHO} 0 +0000\ndata 0\n"),
    );
    for (path, bytes, is_executable) in files {
        let mode = if *is_executable { "100755" } else { "100644" };
        put(
            stream,
            &format!("M {mode} inline {}\ndata {}\n", quoted(path.as_bytes()), bytes.len()),
        );
        stream.extend_from_slice(bytes);
        stream.push(b'\n');
    }
    put(stream, &format!("\nget-mark :{mark}\n"));
}

fn put(stream: &mut Vec<u8>, text: &str) {
    // A vector takes all of it.
    let _ = stream.write_all(text.as_bytes());
}

/// Git has no time before 1970, and no offset beyond 14 hours.
fn when(commit: &Commit) -> String {
    let minutes = match commit.zone / 60 {
        minutes @ -840..=840 => minutes,
        _ => 0,
    };
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    format!("{} {sign}{hours:02}{minutes:02}", commit.time.max(0))
}

fn message(commit: &Commit) -> Vec<u8> {
    let subject: String = commit
        .subject
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    let mut message = subject.into_bytes();
    message.push(b'\n');
    if !commit.body.is_empty() {
        message.push(b'\n');
    }
    for line in &commit.body {
        message.extend(line);
        message.push(b'\n');
    }
    message
}

/// A path between quotes, with everything that isn't plain as three octal digits.
fn quoted(path: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in path {
        match byte {
            b'"' | b'\\' | 0..=31 | 127.. => text.push_str(&format!("\\{byte:03o}")),
            _ => text.push(char::from(byte)),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_has_its_time_and_no_line_breaks_out_of_its_subject() {
        let files =
            vec![Blob { path: b"a\n\"\xff".to_vec(), id: "11".into(), is_executable: true }];
        let body = vec![b"{}".to_vec()];
        let subject = "x\ny".to_owned();
        let commit = Commit { time: -5, zone: -12_600, subject, body, files };
        let mut text = begin();
        day(&mut text, &("0123456789abcdef".into(), "2026-01-01".into()), &[commit]);
        let text = String::from_utf8(text).unwrap();
        assert!(
            text.contains("committer git-bak <git-bak@localhost> 0 -0330\ndata 8\nx y\n\n{}\n")
        );
        assert!(text.contains("\nM 100755 11 \"a\\012\\042\\377\"\n"));
    }
}
