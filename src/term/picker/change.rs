//! What stands beside the list: what would change by restoring or undoing the chosen one.

use super::View;
use super::layout::Layout;
use super::line::{self, ScreenLine, Style};
use crate::git::line_diff::DiffLine;
use crate::model::settings::size::Size;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownChange {
    Lines(Vec<DiffLine>),
    /// Nothing: the file is the same now.
    Nothing,
    /// Binary: its size now (`None` if the file is gone), and then.
    Bytes(Option<u64>, u64),
    /// More than can be compared while the user waits.
    TooMuch,
    Unreadable(String),
    /// Of an event, what comes to its files, and then the lines of each.
    Event(Vec<String>, Vec<DiffLine>),
}

impl ShownChange {
    /// How many lines it has to scroll through.
    pub fn lines(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.len(),
            Self::Event(said, lines) => said.len() + lines.len(),
            _ => 0,
        }
    }
}

impl View<'_> {
    pub(super) fn change(&self, layout: Layout) -> Vec<ScreenLine> {
        let (width, room) = layout.change;
        let one = |text: &str| vec![ScreenLine::default().with(Style::Dim, text)];
        let scrolled = self.picker.scrolled();
        let lines: Vec<ScreenLine> = match self.change {
            None => Vec::new(),
            Some(ShownChange::Lines(lines)) => {
                lines.iter().skip(scrolled).take(room).map(of_change).collect()
            }
            Some(ShownChange::Event(said, lines)) => {
                let said = said.iter().map(|text| ScreenLine::default().with(Style::Plain, text));
                said.chain(lines.iter().map(of_change)).skip(scrolled).take(room).collect()
            }
            Some(ShownChange::Nothing) => one("the file is the same now"),
            Some(ShownChange::Bytes(now, then)) => {
                let then = Size::from_bytes(*then);
                one(&match now {
                    Some(now) => format!("no text: {then}, and {} now", Size::from_bytes(*now)),
                    None => format!("no text: {then}, and the file is gone"),
                })
            }
            Some(ShownChange::TooMuch) => one("too big to compare here: see git bak diff"),
            Some(ShownChange::Unreadable(why)) => one(why),
        };
        lines.into_iter().take(room).map(|line| line.cut(width, self.is_ascii)).collect()
    }
}

/// A line of a difference, in Git's colours.
fn of_change(line: &DiffLine) -> ScreenLine {
    let (look, sign, text) = match line {
        DiffLine::Place(text) => (Style::Cyan, "", text),
        DiffLine::Same(text) => (Style::Plain, " ", text),
        DiffLine::Added(text) => (Style::Green, "+", text),
        DiffLine::Removed(text) => (Style::Red, "-", text),
    };
    ScreenLine::default().with(look, &format!("{sign}{}", line::of_file(text)))
}
