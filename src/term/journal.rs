//! What `journal` shows, and what is said of earlier failures before something is tried again.

use std::fmt::Write;

use super::columns::width;
use super::page::{Colour, Page};
use super::report::{ago, count};
use super::{Mark, Term, one_line};
use crate::model::events::failure::Tried;
use crate::model::events::journal::{Group, JournalEntry, group};
use crate::model::now::Now;

/// How many files are named where nothing says how wide a line may be.
const FILES: usize = 5;
/// How far what is said of a cause is moved in.
const INDENT: usize = 9;

impl Term {
    /// Every cause with how often, since when, of which files, and what ended it.
    pub fn journal(&self, entries: &[JournalEntry], now: &Now, page: &Page) -> String {
        let causes = group(entries);
        let causes = causes.iter().map(|cause| self.cause(cause, now, page));
        causes.collect::<Vec<_>>().join("\n")
    }

    fn cause(&self, cause: &Group, now: &Now, page: &Page) -> String {
        let ago = |time: i64| ago(now.timestamp().saturating_sub(time));
        let (tried, times) = (cause.tried.to_string(), times(cause.times));
        let step = page.start_of(&one_line(&step(cause)), tried.len() + 4 + times.len());
        let colour = if cause.end.is_some() { Colour::Yellow } else { Colour::Red };
        let mut text = format!("{tried}: {}", page.paint(colour, &step));
        let when = match cause.times {
            1 => ago(cause.last),
            _ => format!("{}, first {}", ago(cause.last), ago(cause.first)),
        };
        let _ = writeln!(text, "  {times}");
        let _ = writeln!(text, "  when   {when}");
        if !cause.files.is_empty() {
            let _ = writeln!(text, "  files  {}", self.files(cause, page));
        }
        if !cause.says.is_empty() {
            let _ = writeln!(text, "  says   {}", page.start_of(&one_line(&cause.says), INDENT));
        }
        let end = match &cause.end {
            Some(end) => {
                let commit = one_line(&end.commit.chars().take(8).collect::<String>());
                format!("by commit {} {}", page.paint(Colour::Yellow, &commit), ago(end.time))
            }
            None => "not yet".to_owned(),
        };
        let _ = writeln!(text, "  ended  {end}");
        text
    }

    /// As many of the files as fit on the line, the most often involved first.
    fn files(&self, cause: &Group, page: &Page) -> String {
        let mut line = String::new();
        for (at, (path, times)) in cause.files.iter().enumerate() {
            let often = if cause.times > 1 { format!(" ({times})") } else { String::new() };
            let name = format!("{}{}{often}", if at == 0 { "" } else { ", " }, self.path(path));
            let left = cause.files.len() - at;
            let more = format!(", {left} more");
            let length = INDENT + width(&line) + width(&name);
            let fits = match page.width {
                Some(width) => length + if left > 1 { more.len() } else { 0 } <= width,
                None => at < FILES,
            };
            if at > 0 && !fits {
                return line + &more;
            }
            line.push_str(&if at == 0 { page.end_of(&name, INDENT + more.len()) } else { name });
        }
        line
    }

    /// Earlier failures of files about to be worked on, in three lines at most. `entries`: newest first.
    pub fn earlier_failures(&self, entries: &[JournalEntry], now: &Now) {
        let causes = group(entries);
        for cause in causes.iter().take(2) {
            self.say(Mark::Note, &self.earlier_failure(cause, now));
        }
        if causes.len() > 2 {
            let more =
                format!("and {} more ways they failed: git bak log --failures", causes.len() - 2);
            self.say(Mark::Note, &more);
        }
    }

    fn earlier_failure(&self, cause: &Group, now: &Now) -> String {
        let names: Vec<String> =
            cause.files.iter().take(2).map(|(path, _)| self.path(path)).collect();
        let more = match cause.files.len().saturating_sub(2) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let says = if cause.says.is_empty() { String::new() } else { format!(": {}", cause.says) };
        format!(
            "{}{more}: {} failed before, {}, last {}: {}{says}",
            names.join(", "),
            cause.tried,
            times(cause.times),
            ago(now.timestamp().saturating_sub(cause.last)),
            step(cause),
        )
    }

    pub fn no_failures(&self) {
        self.say(Mark::Note, "no failures");
    }
}

/// "once", "3 times"
fn times(number: usize) -> String {
    if number == 1 { "once".to_owned() } else { count(number, "time") }
}

/// The step with its status. A commit that was given up without a word may have ended in several ways.
fn step(cause: &Group) -> String {
    match cause.status {
        Some(status) => format!("{}, status {status}", cause.step),
        None if cause.tried == Tried::Commit => {
            format!("{} (another hook, the editor, the message or signing)", cause.step)
        }
        None => cause.step.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::events::failure::Failure;
    use crate::model::events::journal::End;
    use crate::model::names::repo_path::RepoPath;
    use crate::model::settings::Settings;

    fn now() -> Now {
        "2025-11-06T22:00:00Z".parse().unwrap()
    }

    fn entry(minutes_ago: i64, step: &str, files: &[&str]) -> JournalEntry {
        let paths =
            files.iter().map(|name| RepoPath::from_bytes(name.as_bytes().to_vec()).unwrap());
        let failure = Failure {
            time: now().timestamp() - 60 * minutes_ago,
            offset: 0,
            tried: Tried::Apply,
            step: step.into(),
            status: Some(1),
            files: paths.collect(),
            output: b"...\n3 failed\n".to_vec(),
        };
        JournalEntry { failure, end: None }
    }

    fn shown(entries: &[JournalEntry], width: Option<usize>) -> String {
        Term::of_command(&Settings::default()).journal(entries, &now(), &Page::plain(width))
    }

    #[test]
    fn a_cause_says_how_often_when_which_files_and_what_ended_it() {
        let mut newest = entry(5, "test", &["a.rs", "b.rs"]);
        newest.end = Some(End { commit: "0123456789abcdef".into(), time: now().timestamp() - 120 });
        let text = shown(&[newest, entry(180, "test", &["b.rs"])], None);
        let lines = [
            "apply: test, status 1  2 times",
            "  when   5m ago, first 3h ago",
            "  files  b.rs (2), a.rs (1)",
            "  says   3 failed",
            "  ended  by commit 01234567 2m ago\n",
        ];
        assert_eq!(text, lines.join("\n"));
    }

    #[test]
    fn causes_are_parted_and_one_without_an_end_says_so() {
        let text = shown(&[entry(5, "test", &["a"]), entry(6, "reload", &["a"])], None);
        assert!(text.contains("  ended  not yet\n\napply: reload, status 1  once\n"), "{text}");
    }

    #[test]
    fn files_fit_the_line_and_the_rest_is_counted() {
        let names: Vec<String> = (0..40).map(|n| format!("folder/file-{n:02}.rs")).collect();
        let files: Vec<&str> = names.iter().map(String::as_str).collect();
        let named = |width| {
            let text = shown(&[entry(1, "test", &files)], width);
            assert!(
                width.is_none_or(|width| text.lines().all(|l| l.chars().count() <= width)),
                "{text}"
            );
            let line = text.lines().find(|line| line.starts_with("  files")).unwrap().to_owned();
            assert!(line.ends_with(" more"), "{line}");
            line.matches("folder/").count()
        };
        assert_eq!((named(Some(60)), named(Some(200)), named(None)), (2, 9, 5));
    }

    #[test]
    fn what_is_said_of_one_cause_is_one_line() {
        let term = Term::of_command(&Settings::default());
        let cause = &group(&[entry(90, "test", &["a", "b", "c"]), entry(99, "test", &["a"])])[0];
        let line =
            "a, b and 1 more: apply failed before, 2 times, last 1h ago: test, status 1: 3 failed";
        assert_eq!(term.earlier_failure(cause, &now()), line);
    }
}
