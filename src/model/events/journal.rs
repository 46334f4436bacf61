//! The journal: failures and what ended them, and those with the same cause as one.

use std::collections::BTreeMap;

use super::failure::{Failure, Tried};
use crate::model::names::repo_path::RepoPath;

/// A failure, and what came after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    pub failure: Failure,
    /// The next commit of any of its files; `None` if there has been none.
    pub end: Option<End>,
}

/// The commit that ended a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    pub commit: String,
    /// When, in seconds since 1970.
    pub time: i64,
}

/// Failures of one cause: the same step of the same kind of undertaking ended with the same status and the
/// same last words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub tried: Tried,
    pub step: String,
    pub status: Option<i32>,
    /// The last line of what it printed the last time; empty if that wasn't read.
    pub says: String,
    pub times: usize,
    /// When it was first, and when last, in seconds since 1970.
    pub first: i64,
    /// See `first`.
    pub last: i64,
    /// The files, each with how often it was among them: the most often first, then by name.
    pub files: Vec<(RepoPath, usize)>,
    /// What ended the last of them.
    pub end: Option<End>,
}

/// Groups failures by their cause; the cause of the newest failure first. `entries`: newest first.
pub fn group(entries: &[JournalEntry]) -> Vec<Group> {
    let mut groups: Vec<(Group, BTreeMap<RepoPath, usize>)> = Vec::new();
    for JournalEntry { failure, end } in entries {
        let says = last_line(&text(&failure.output));
        let is_same = |group: &Group| {
            (group.tried, group.step.as_str(), group.status)
                == (failure.tried, failure.step.as_str(), failure.status)
                && without_numbers(&group.says) == without_numbers(&says)
        };
        let at = groups.iter().position(|(group, _)| is_same(group)).unwrap_or_else(|| {
            groups.push((begin(failure, says.clone(), end.as_ref()), BTreeMap::new()));
            groups.len() - 1
        });
        let (group, files) = &mut groups[at];
        group.times += 1;
        group.first = group.first.min(failure.time);
        failure.files.iter().for_each(|path| *files.entry(path.clone()).or_default() += 1);
    }
    groups.into_iter().map(|(group, files)| with_files(group, files)).collect()
}

/// The group of a failure that is the newest of its cause, with nothing counted yet.
fn begin(failure: &Failure, says: String, end: Option<&End>) -> Group {
    let time = failure.time;
    Group {
        tried: failure.tried,
        step: failure.step.clone(),
        status: failure.status,
        says,
        times: 0,
        first: time,
        last: time,
        files: Vec::new(),
        end: end.cloned(),
    }
}

fn with_files(mut group: Group, files: BTreeMap<RepoPath, usize>) -> Group {
    group.files = files.into_iter().collect();
    group.files.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    group
}

/// What was printed, as text without colours.
pub fn text(output: &[u8]) -> String {
    without_colours(&String::from_utf8_lossy(output))
}

/// The text without control sequences (ECMA-48, 5.4: ESC, `[`, parameters, a final byte of `@` to `~`).
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| ('@'..='~').contains(&c));
        plain.push_str(end.map_or("", |end| &part[end + 1..]));
    }
    plain
}

/// The last line that says anything.
fn last_line(output: &str) -> String {
    let lines = output.lines().rev().map(str::trim);
    lines.into_iter().find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

/// The line without what differs each time: how long it took, how many there were.
fn without_numbers(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    for character in line.chars() {
        let character = if character.is_ascii_digit() { '#' } else { character };
        if character != '#' || !plain.ends_with('#') {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> RepoPath {
        RepoPath::from_bytes(name.as_bytes().to_vec()).unwrap()
    }

    fn entry(time: i64, step: &str, files: &[&str], output: &str) -> JournalEntry {
        let failure = Failure {
            time,
            offset: 0,
            tried: Tried::Run,
            step: step.into(),
            status: Some(1),
            files: files.iter().map(|name| path(name)).collect(),
            output: output.into(),
        };
        JournalEntry { failure, end: None }
    }

    #[test]
    fn the_same_cause_is_one_group_with_how_often_and_since_when() {
        let mut newest = entry(9, "test", &["b"], "x\n3 failed in 0.12s\n\n");
        newest.end = Some(End { commit: "ab".into(), time: 10 });
        let others = [
            entry(8, "reload", &["a"], ""),
            entry(7, "test", &["a", "b"], "14 failed in 2.5s"),
            entry(5, "test", &["c"], "all failed"),
        ];
        let groups = group(&[&[newest][..], &others].concat());
        assert_eq!(groups.len(), 3);
        let first = &groups[0];
        assert_eq!((first.times, first.first, first.last), (2, 7, 9));
        assert_eq!(first.says, "3 failed in 0.12s");
        assert_eq!(first.files, [(path("b"), 2), (path("a"), 1)]);
        assert_eq!(first.end.as_ref().map(|end| end.commit.as_str()), Some("ab"));
        assert_eq!((groups[1].step.as_str(), groups[1].times), ("reload", 1));
        assert_eq!(groups[2].says, "all failed");
    }

    #[test]
    fn what_was_printed_is_shown_without_colours() {
        assert_eq!(text(b"\x1b[1;31mred\x1b[0m\nplain"), "red\nplain");
        assert_eq!(text(b"cut \x1b["), "cut ");
        assert_eq!(text(b"\xff"), "\u{fffd}");
    }

    #[test]
    fn another_status_or_undertaking_is_another_cause() {
        let (one, mut two, mut three) =
            (entry(3, "test", &[], ""), entry(2, "test", &[], ""), entry(1, "test", &[], ""));
        two.failure.status = None;
        three.failure.tried = Tried::Apply;
        assert_eq!(group(&[one, two, three]).len(), 3);
        assert_eq!(group(&[]), []);
    }
}
