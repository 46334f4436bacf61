//! What `status` shows.

use std::cmp::Reverse;
use std::fmt::Write;

use anyhow::Result;

use super::page::{Colour, Page};
use super::report::{OfFile, Overview, age, ago, count};
use super::table::{self, Cell};
use super::{Mark, Term, as_typed, one_line, remote};
use crate::model::names::repo_path::RepoPath;
use crate::model::now::Now;
use crate::model::settings::size::Size;
use crate::snapshot::unprotected::{Reason, Uncommitted};

/// How many files get a line each.
const MOST: usize = 10;
/// From this many columns on a bar shows which files take how much of the disk.
const WIDE: usize = 100;

impl Term {
    /// The page of `status`.
    pub fn status(&self, overview: &Overview, now: &Now, page: &Page) -> String {
        let mut text = self.unprotected(&overview.uncommitted, page);
        text += &self.on_disk(overview, now, page);
        let mut say = |colour: Option<Colour>, line: &str| {
            for line in page.wrapped(line, 2).lines() {
                let _ = match colour {
                    Some(colour) => writeln!(text, "{}", page.paint(colour, line)),
                    None => writeln!(text, "{line}"),
                };
            }
        };
        if overview.stuck > 0 {
            let stuck = count(overview.stuck, "backup");
            let line = format!("{stuck} older than a week: git bak clean --older-than 7.days");
            say(Some(Colour::Yellow), &line);
        }
        let snapshots = count(overview.snapshots, "snapshot");
        let versions = count(overview.in_vault, "file version");
        say(None, &format!("{snapshots} in the vault, {versions}"));
        if let Some((attempt, is_live)) = &overview.attempt {
            let when = ago(now.timestamp().saturating_sub(attempt.began.0));
            let step = one_line(attempt.step.as_deref().unwrap_or("not completed"));
            let failed = format!("the last commit, {when}, failed: {step}");
            match (is_live, attempt.failed) {
                (true, _) => say(None, &format!("a commit is in progress, started {when}")),
                (false, true) => say(
                    Some(Colour::Red),
                    &match overview.is_missing {
                        true => format!("{failed}: git bak restore --all"),
                        false => format!("{failed}; its files are as they were"),
                    },
                ),
                (false, false) => {}
            }
        }
        if let Some((url, state)) = &overview.remote {
            let (is_good, line) = remote::standing(url, state, now);
            say((!is_good).then_some(Colour::Red), &line);
        }
        for path in &overview.vanished {
            say(Some(Colour::Red), &self.edits_gone(path));
        }
        as_typed(text)
    }

    /// No hook of ours runs before a commit.
    pub fn commits_unprotected(&self) {
        self.say(Mark::Note, "commits are not backed up here: git bak doctor says what is missing");
    }

    /// The work that no version holds, with the command that keeps it.
    fn unprotected(&self, found: &Result<Uncommitted>, page: &Page) -> String {
        let mut text = String::new();
        let mut say = |colour: Option<Colour>, line: &str| {
            for line in page.wrapped(line, 2).lines() {
                let line = colour.map_or(line.to_owned(), |colour| page.paint(colour, line));
                let _ = writeln!(text, "{line}");
            }
        };
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                say(Some(Colour::Red), &one_line(&format!("{error:#}")));
                return text;
            }
        };
        if let Some(reason) = &found.doubt {
            let line = format!("git status fails, so there may be fewer: {}", one_line(reason));
            say(Some(Colour::Yellow), &line);
        }
        let mut files: Vec<(&Reason, &RepoPath)> =
            found.unprotected.iter().map(|(path, reason)| (reason, path)).collect();
        files.sort();
        if files.is_empty() {
            let (colour, line) = all_backed_up(found.held);
            say(colour, &line);
            return text;
        }
        let is = |of: &[Reason]| files.iter().any(|(reason, _)| of.contains(reason));
        let command = match (is(&[Reason::Edited, Reason::Staged]), is(&[Reason::Untracked])) {
            (_, true) => ": git bak snapshot --untracked",
            (true, false) => ": git bak snapshot",
            (false, false) => "",
        };
        let of = match found.held {
            0 => String::new(),
            held => format!(" of {}", files.len() + held),
        };
        let what = if files.len() + found.held == 1 { "file" } else { "files" };
        let is = if files.len() == 1 { "is" } else { "are" };
        let files_with = format!("{}{of} {what} with uncommitted work", files.len());
        say(Some(Colour::Red), &format!("{files_with} {is} not backed up{command}"));
        let shown = if self.is_verbose() || files.len() == MOST + 1 { files.len() } else { MOST };
        let row = |(reason, path): &(&Reason, &RepoPath)| {
            vec![Cell::left(why(reason)).in_colour(Colour::Yellow), Cell::left(self.path(path))]
        };
        let rows: Vec<Vec<Cell>> = files.iter().take(shown).map(row).collect();
        for line in table::lines(&rows, page, |text, before| page.end_of(text, before)) {
            let _ = writeln!(text, "{line}");
        }
        if files.len() > shown {
            let _ = writeln!(text, "{:2}and {} more", "", files.len() - shown);
        }
        text
    }

    /// The backups of each file, those that take most of the disk first.
    fn on_disk(&self, overview: &Overview, now: &Now, page: &Page) -> String {
        let backups: usize = overview.files.values().map(|of_file| of_file.backups).sum();
        let bytes: u64 = overview.files.values().map(|of_file| of_file.bytes).sum();
        let mut files: Vec<(&RepoPath, &OfFile)> = overview.files.iter().collect();
        files.sort_by_key(|(_, of_file)| Reverse(of_file.bytes));
        let most = files.first().map_or(0, |(_, of_file)| of_file.bytes);
        let row = |(path, of_file): &(&RepoPath, &OfFile)| {
            let newest = of_file.newest.map(|time| age(time, now)).unwrap_or_default();
            let size = Size::from_bytes(of_file.bytes).to_string();
            vec![
                Cell::right(of_file.backups.to_string()),
                Cell::right(newest),
                Cell::right(size),
                Cell::left(bar(of_file.bytes, most, page)).in_colour(Colour::Cyan),
                Cell::left(self.path(path)),
            ]
        };
        let rows: Vec<Vec<Cell>> = files.iter().map(row).collect();
        let size = Size::from_bytes(bytes);
        let (backups, files) = (count(backups, "backup"), count(files.len(), "file"));
        let mut text = format!("{backups} of {files} on disk, {size}\n");
        for line in table::lines(&rows, page, |text, before| page.end_of(text, before)) {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}

/// Why nothing holds a file's work.
fn why(reason: &Reason) -> String {
    match reason {
        Reason::Edited => "edited".to_owned(),
        Reason::Staged => "staged".to_owned(),
        Reason::Untracked => "untracked".to_owned(),
        Reason::Excluded => "excluded by bak.exclude".to_owned(),
        Reason::LeftOut => "excluded by the attribute -bak".to_owned(),
        Reason::TooBig(size) => format!("{}: over bak.maxFileSize", Size::from_bytes(*size)),
    }
}

/// A bar as long as so many bytes are among the most that any file has; none where there is no room.
fn bar(bytes: u64, most: u64, page: &Page) -> String {
    let Some(width) = page.width.filter(|width| *width >= WIDE) else { return String::new() };
    let eighths = u128::from(bytes) * (width / 5 * 8) as u128 / u128::from(most.max(1));
    // What there is is seen, however little.
    let eighths = usize::try_from(eighths).unwrap_or(0).max(1);
    if page.is_ascii() {
        return "#".repeat(eighths.div_ceil(8));
    }
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    "█".repeat(eighths / 8) + PARTS[eighths % 8]
}

/// The line for so many files with work, each of them backed up.
fn all_backed_up(held: usize) -> (Option<Colour>, String) {
    match held {
        0 => (None, "no uncommitted work".to_owned()),
        1 => (Some(Colour::Green), "1 file has uncommitted work, and it is backed up".to_owned()),
        _ => {
            let files = count(held, "file");
            (Some(Colour::Green), format!("{files} have uncommitted work, and all are backed up"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_and_only_where_there_is_room() {
        let page = Page::plain(Some(100));
        assert_eq!(bar(1000, 1000, &page), "█".repeat(20));
        assert_eq!(bar(130, 1000, &page), "██▌");
        assert_eq!((bar(1, 1_000_000, &page), bar(0, 0, &page)), ("▏".into(), "▏".into()));
        assert_eq!(bar(u64::MAX, u64::MAX, &page), "█".repeat(20));
        assert_eq!(bar(5, 5, &Page::plain(Some(99))) + &bar(5, 5, &Page::plain(None)), "");
    }
}
