//! What an upgrade says, step by step.

use std::io::{IsTerminal, Write};

use super::{Mark, Term, one_line};
use crate::backups::clean_up::Unlinked;
use crate::model::events::event::{Event, EventKind};
use crate::model::events::failure::Tried;
use crate::model::names::artifact::ArtifactId;
use crate::model::settings::Verbosity;
use crate::model::transaction::State;
use crate::os::child::{Stream, Streams};
use crate::os::terminal;
use crate::snapshot::Taken;
use crate::transaction::Change;

/// A part of the life of an upgrade.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    Applying,
    Running,
    Committing,
    Cleaning,
    RollingBack,
}

impl Part {
    fn text(self, utf8: bool) -> &'static str {
        match (self, utf8) {
            (Self::Applying, true) => "📦",
            (Self::Running, true) => "▶",
            (Self::Committing, true) => "🏛",
            (Self::Cleaning, true) => "🧹",
            (Self::RollingBack, true) => "↩",
            (_, false) => "=>",
        }
    }
}

/// Passes on what a command prints, to the stream that it meant.
pub fn pass_on(stream: Stream, bytes: &[u8]) -> bool {
    // A reader that has gone is no reason to stop halfway.
    let _ = print_to(stream, bytes);
    true
}

/// The same for a command that must notice when its reader has gone.
pub fn pass_through(stream: Stream, bytes: &[u8]) -> bool {
    print_to(stream, bytes).is_ok()
}

fn print_to(stream: Stream, bytes: &[u8]) -> std::io::Result<()> {
    match stream {
        Stream::Output => {
            let mut out = std::io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        }
        Stream::Error => std::io::stderr().write_all(bytes),
    }
}

pub fn streams() -> Streams {
    Streams {
        output_is_terminal: std::io::stdout().is_terminal(),
        error_is_terminal: std::io::stderr().is_terminal(),
        are_one: terminal::streams_are_one(),
    }
}

impl Term {
    pub(super) fn part(&self, part: Part, text: &str) {
        if self.verbosity != Verbosity::Quiet {
            let line = format!("{} {}\n", part.text(self.utf8), one_line(text));
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
    }

    pub(super) fn below(&self, mark: Mark, text: &str) {
        if self.verbosity != Verbosity::Quiet || mark == Mark::Failed {
            let line = format!("  {} {}\n", mark.text(self.utf8), one_line(text));
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
    }

    /// A command to type, below a line that says what for.
    pub(super) fn command(&self, command: &str) {
        let _ = std::io::stderr().write_all(format!("      {}\n", one_line(command)).as_bytes());
    }

    /// Up to five lines below a heading, then how many more there are: several, for one has the line itself.
    pub(super) fn some_below(&self, mark: Mark, lines: &[String], more: &str) {
        let shown = if self.is_verbose() || lines.len() == 6 { lines.len() } else { 5 };
        lines.iter().take(shown).for_each(|line| self.below(mark, line));
        if lines.len() > shown {
            self.below(mark, &format!("and {} {more}", lines.len() - shown));
        }
    }

    pub fn applying(&self, number: usize, of: usize, artifact: &ArtifactId) {
        self.part(Part::Applying, &format!("Applying artifact {number}/{of}: {artifact}"));
    }

    /// The backups of the files that it touches.
    pub fn backed_up(&self, taken: &Taken) {
        let lines = |what: EventKind, words: &str| -> Vec<String> {
            let of_kind = taken.events.iter().filter(|event| event.what == what);
            of_kind.map(|event| format!("{words}: {}", self.backup_of(event))).collect()
        };
        let created = lines(EventKind::Created, "Created timestamped backup");
        self.some_below(Mark::Done, &created, "more backups created");
        let known = lines(EventKind::Duplicate, "Backed up already");
        self.some_below(Mark::Done, &known, "more files backed up already");
        let in_vault = lines(EventKind::Deposited, "Backed up in the vault");
        self.some_below(Mark::Done, &in_vault, "more files backed up in the vault");
        let retired = lines(EventKind::Retired, "Removed old backup");
        self.some_below(Mark::Done, &retired, "more old backups removed");
        let kept = taken.not_retired.iter();
        let kept: Vec<String> =
            kept.map(|(path, why)| format!("{}: not removed: {why}", self.path(path))).collect();
        self.some_below(Mark::Note, &kept, "more backups not removed");
    }

    fn backup_of(&self, event: &Event) -> String {
        event.shown_backup().map_or_else(|| self.path(&event.path), |place| self.place(&place))
    }

    pub fn applied(&self, changes: &[Change]) {
        let count = |test: &dyn Fn(&Change) -> bool| changes.iter().filter(|c| test(c)).count();
        let made = count(&|change| change.from == State::Nothing);
        let gone = count(&|change| change.to == State::Nothing);
        let modified = changes.len() - made - gone;
        let mut parts = Vec::new();
        if modified > 0 || made + gone == 0 {
            parts.push(format!("{modified} files modified"));
        }
        if made > 0 {
            parts.push(format!("{made} files created"));
        }
        if gone > 0 {
            parts.push(format!("{gone} files removed"));
        }
        self.below(Mark::Done, &format!("Success: {}", parts.join(", ")));
    }

    pub fn running(&self, what: &str, line: &str) {
        self.part(Part::Running, &format!("{what}: {line}"));
    }

    pub fn ran(&self, what: &str) {
        self.below(Mark::Done, &format!("{what}: passed"));
    }

    /// A step failed, and why.
    pub fn step_failed(&self, reason: &str) {
        self.below(Mark::Failed, reason);
    }

    /// It was not even begun, and why.
    pub fn refused(&self, reason: &str) {
        self.say(Mark::Failed, &format!("{reason}; nothing was changed"));
    }

    pub fn committing(&self) {
        self.part(Part::Committing, "Committing to git...");
    }

    pub fn committed(&self, commit: &str) {
        let short = commit.get(..8).unwrap_or(commit);
        self.below(Mark::Done, &format!("Git commit: {short}"));
    }

    /// It was not, and how to go on or back.
    pub fn commit_failed(&self, tried: Tried) {
        self.below(
            Mark::Note,
            &format!(
                "the changes and their backups stay: git bak {tried} --continue commits again, \
                 git bak {tried} --abort puts everything back"
            ),
        );
    }

    /// The backups of what is committed are let go.
    pub fn cleaned_after_commit(&self, unlinked: &Unlinked) {
        self.part(Part::Cleaning, "Cleaning up backups (now in git history)...");
        let lines: Vec<String> = unlinked
            .events
            .iter()
            .map(|event| format!("Cleaned up backup after git commit: {}", self.backup_of(event)))
            .collect();
        self.some_below(Mark::Done, &lines, "more backups cleaned up");
        let kept: Vec<String> = unlinked
            .kept
            .iter()
            .map(|(path, why)| format!("{}: not removed: {why}", self.path(path)))
            .collect();
        self.some_below(Mark::Note, &kept, "more backups not removed");
        if kept.is_empty() {
            self.below(Mark::Done, "Backups cleaned");
        }
    }
}
