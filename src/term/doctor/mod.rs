//! What `doctor` says: the state of each thing it looks at, and what helps where one is wrong.
//!
//! - `good`: what is as it should be; `problem`, with `hooks` and `vault`: what isn't, and the command that helps.

use std::fmt::Write;

use anyhow::Result;

use super::page::{Colour, Page};
use super::report::count;
use super::{Mark, Term, as_typed, one_line};
use crate::model::check::Check;
use crate::setup::checkup::{CheckState, Good, Mended, Outcome};

mod good;
mod hooks;
mod problem;
mod vault;

/// What mends all that is ours.
const FIX: &str = "git bak doctor --fix";
/// The columns before what is said of something.
const BEFORE: usize = 20;

/// One line of what doctor found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub check: String,
    /// It is as it should be.
    pub ok: bool,
    pub message: String,
    /// What helps: a command that works as it stands there, where there is one.
    pub remedy: Option<String>,
}

/// How something is, and what helps.
type Said = (String, Option<String>);

impl Term {
    /// The hook managers and agents that are used beside git-bak, as doctor names them.
    pub fn neighbours(&self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            if let CheckState::Good(
                good @ (Good::Manager(_) | Good::Agent { covered: false, .. }),
            ) = &outcome.state
            {
                self.say(Mark::Note, &good::good(good));
            }
        }
    }

    pub fn findings(&self, outcomes: &[Outcome]) -> Vec<Finding> {
        let finding = |outcome: &Outcome| {
            let (message, remedy) = match &outcome.state {
                CheckState::Good(it) => (good::good(it), None),
                CheckState::Bad(problem) => self.problem(problem),
            };
            let (check, ok) = (outcome.check.to_string(), outcome.is_good());
            Finding { check, ok, message: one_line(&message), remedy: remedy.map(as_typed) }
        };
        outcomes.iter().map(finding).collect()
    }

    /// The page: a line for each thing, and below what is wrong what helps.
    pub fn doctor(&self, findings: &[Finding], page: &Page) -> String {
        let mut text = String::new();
        for Finding { check, ok, message, remedy } in findings {
            let (mark, colour) =
                if *ok { (Mark::Done, Colour::Green) } else { (Mark::Failed, Colour::Red) };
            let mark = page.paint(colour, mark.text(self.utf8));
            let message = page.wrapped(message, BEFORE);
            let _ = writeln!(text, "{mark} {check:<17} {message}");
            if let Some(remedy) = remedy {
                // Whole, however long: it is there to be copied.
                let _ = writeln!(text, "{:BEFORE$}{}", "", page.paint(Colour::Cyan, remedy));
            }
        }
        let wrong = findings.iter().filter(|finding| !finding.ok).count();
        let (end, colour) = match wrong {
            0 => ("all is well".to_owned(), Colour::Green),
            _ => (format!("{} found", count(wrong, "problem")), Colour::Red),
        };
        let _ = writeln!(text, "{}", page.paint(colour, &end));
        text
    }

    /// What was put right, or why it was not.
    pub fn mended(&self, check: Check, done: &Result<Mended>) {
        match done {
            Ok(mended) => self.say(Mark::Done, &format!("{check}: {}", self.mended_text(mended))),
            Err(error) => self.say(Mark::Failed, &format!("{check}: not put right: {error:#}")),
        }
    }

    fn mended_text(&self, mended: &Mended) -> String {
        match mended {
            Mended::Ignored => "backups are ignored again".to_owned(),
            Mended::Guard => "starts this git-bak".to_owned(),
            Mended::Vault(mended) => vault::mended(mended),
            Mended::Deposited(files) => {
                let text = format!("{} copied into the vault", count(files.len(), "backup"));
                self.with_names(text, files.iter().map(|path| self.path(path)))
            }
        }
    }

    /// The text, and up to three names.
    fn with_names(&self, text: String, names: impl ExactSizeIterator<Item = String>) -> String {
        let more = names.len().saturating_sub(3);
        let names: Vec<String> = names.take(3).filter(|name| !name.is_empty()).collect();
        match (names.is_empty(), more) {
            (true, _) => text,
            (false, 0) => format!("{text}: {}", names.join(", ")),
            (false, more) => format!("{text}: {} and {more} more", names.join(", ")),
        }
    }
}

/// Something that `--fix` puts right.
fn fix(text: &str) -> Said {
    (text.to_owned(), Some(FIX.to_owned()))
}
