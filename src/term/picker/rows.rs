//! The rows of a list: of files, of versions, of events.

use super::View;
use super::line::{ScreenLine, Style};
use crate::term::columns::{end_of, width};

#[derive(Debug, Clone, Default)]
pub struct FileLine {
    /// Its name, as it is shown.
    pub name: String,
    /// When its newest version was made, as a clock and a calendar say it, and how long ago.
    pub clock: String,
    pub age: String,
    pub is_gone: bool,
}

#[derive(Debug, Clone, Default)]
pub struct VersionLine {
    /// When it was made, and how long ago.
    pub clock: String,
    pub age: String,
    pub size: String,
    /// How many lines would come and go; `None` for what is no text.
    pub lines: Option<(usize, usize)>,
    /// The branch that was checked out, where that is worth a word.
    pub branch: String,
    /// What became of it: uncommitted, or in which commit.
    pub fate: String,
    /// Its label, or where else it is from.
    pub note: String,
}

/// An event that took work.
#[derive(Debug, Clone, Default)]
pub struct EventLine {
    /// When it was, and how long ago.
    pub clock: String,
    pub age: String,
    /// The command, and how many files it took.
    pub what: String,
    /// The names of its files.
    pub files: String,
}

impl VersionLine {
    /// What it can be found by.
    pub fn words(&self) -> String {
        [&self.clock, &self.age, &self.fate, &self.branch, &self.note].map(String::as_str).join(" ")
    }

    /// The lines that come, and those that go; of what is no text, its size.
    fn counts(&self) -> (String, String) {
        match self.lines {
            Some((0, 0)) => ("as now".to_owned(), String::new()),
            Some((added, removed)) => (format!("+{added}"), format!("-{removed}")),
            None => (self.size.clone(), String::new()),
        }
    }
}

impl EventLine {
    /// What it can be found by.
    pub fn words(&self) -> String {
        [&self.clock, &self.age, &self.what, &self.files].map(String::as_str).join(" ")
    }
}

impl View<'_> {
    pub(super) fn file_rows(&self, shown: &[usize], room: usize) -> Vec<ScreenLine> {
        let clock = widest(self.files.iter().map(|file| file.clock.len()));
        let any_gone = self.files.iter().any(|file| file.is_gone);
        let row = |&at: &usize| {
            let FileLine { name, clock: when, age, is_gone } = &self.files[at];
            let gone = match (is_gone, any_gone) {
                (true, _) => "gone  ",
                (false, true) => "      ",
                (false, false) => "",
            };
            let end = format!("{gone}{when:>clock$}  {age:>7}");
            let room = room.saturating_sub(2 + end.len() + 2);
            let name = end_of(name, room, self.is_ascii);
            ScreenLine::default().with(Style::Plain, &name).padded(room + 2).with(Style::Dim, &end)
        };
        shown.iter().map(row).collect()
    }

    pub(super) fn version_rows(&self, shown: &[usize]) -> Vec<ScreenLine> {
        let versions: Vec<&VersionLine> = shown.iter().map(|&at| &self.versions[at]).collect();
        let widest_of =
            |of: &dyn Fn(&VersionLine) -> usize| widest(versions.iter().map(|version| of(version)));
        let clock = widest_of(&|version| version.clock.len());
        let age = widest_of(&|version| version.age.len());
        let added = widest_of(&|version| version.counts().0.len());
        let removed = widest_of(&|version| version.counts().1.len());
        let fate = widest_of(&|version| version.fate.len());
        let branch = widest_of(&|version| width(&version.branch).min(20));
        let row = |version: &&VersionLine| {
            let (plus, minus) = version.counts();
            let name = end_of(&version.branch, branch, self.is_ascii);
            let name = format!("{name}{}  ", " ".repeat(branch - width(&name)));
            ScreenLine::default()
                .with(Style::Plain, &format!("{:>clock$}  {:>age$}  ", version.clock, version.age))
                .with(Style::Green, &format!("{plus:>added$}"))
                .with(Style::Red, &format!(" {minus:<removed$}"))
                .with(Style::Plain, &format!("  {:<fate$}  ", version.fate))
                .with(Style::Cyan, if branch == 0 { "" } else { &name })
                .with(Style::Yellow, &version.note)
        };
        versions.iter().map(row).collect()
    }

    pub(super) fn event_rows(&self, shown: &[usize]) -> Vec<ScreenLine> {
        let events: Vec<&EventLine> = shown.iter().map(|&at| &self.events[at]).collect();
        let clock = widest(events.iter().map(|event| event.clock.len()));
        let age = widest(events.iter().map(|event| event.age.len()));
        let row = |event: &&EventLine| {
            let when = format!("{:>clock$}  {:>age$}  ", event.clock, event.age);
            ScreenLine::default().with(Style::Dim, &when).with(Style::Plain, &event.what)
        };
        events.iter().map(row).collect()
    }
}

fn widest(lengths: impl Iterator<Item = usize>) -> usize {
    lengths.max().unwrap_or(0)
}
