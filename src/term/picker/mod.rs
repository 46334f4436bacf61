//! What `restore` shows while the user chooses: a list, and beside or below it what would change.
//!
//! - `screen`, `keys`: the terminal as a screen, and what is pressed; `line`: a line of it;
//! - `layout`: how the parts of it lie; `rows`: those of the lists; `change`: what the chosen one would change.
//!
//! Drawing is a function: what there is to show and how big the screen is go in, lines come out.

mod change;
mod keys;
mod layout;
mod line;
mod rows;
pub mod screen;

pub use change::ShownChange;
pub use layout::Layout;
use line::{ScreenLine, Style};
pub use rows::{EventLine, FileLine, VersionLine};

use crate::model::names::timestamp::Timestamp;
use crate::model::now::Now;
use crate::model::picker::{Picker, PickerList};

#[derive(Debug)]
pub struct View<'a> {
    pub picker: &'a Picker,
    pub files: &'a [FileLine],
    /// Every version of the file that is opened.
    pub versions: &'a [VersionLine],
    pub events: &'a [EventLine],
    /// What restoring or undoing the chosen one would change; `None` if there is none.
    pub change: Option<&'a ShownChange>,
    /// Only plain letters can be shown.
    pub is_ascii: bool,
}

impl View<'_> {
    /// The screen, from its first line to its last.
    pub fn draw(&self, layout: Layout) -> Vec<ScreenLine> {
        let bar = if self.is_ascii { " | " } else { " │ " };
        let (list, change) = (self.list(layout), self.change(layout));
        let mut lines = vec![self.title(layout.width)];
        if layout.is_wide {
            let pad = layout.list.0;
            let nothing = || (0..layout.list.1).map(|_| ScreenLine::default());
            let rows = list.into_iter().chain(nothing()).zip(change.into_iter().chain(nothing()));
            lines.extend(
                rows.take(layout.list.1)
                    .map(|(left, right)| left.padded(pad).with(Style::Dim, bar).then(right)),
            );
        } else {
            let rule = if self.is_ascii { "-" } else { "─" };
            let empty = layout.list.1.saturating_sub(list.len());
            lines.extend(list);
            lines.extend((0..empty).map(|_| ScreenLine::default()));
            if layout.change.1 > 0 {
                lines.push(ScreenLine::default().with(Style::Dim, &rule.repeat(layout.width)));
            }
            lines.extend(change);
        }
        lines.resize(layout.height.saturating_sub(1), ScreenLine::default());
        lines.push(self.keys(layout.width));
        lines
    }

    fn title(&self, width: usize) -> ScreenLine {
        let choice = self.picker.choice();
        let marked = self.picker.marked().len();
        let what = match self.picker.listed() {
            PickerList::Files if marked > 0 => format!("restore which files? {marked} marked"),
            PickerList::Files => "restore which file?".to_owned(),
            PickerList::Versions(file) => {
                format!("restore which version of {}?", self.files[file].name)
            }
            PickerList::Events if self.events.is_empty() => "there is nothing to undo".to_owned(),
            PickerList::Events => "undo which event?".to_owned(),
        };
        let mut line = ScreenLine::default().with(Style::Bold, &what);
        if let Some(filter) = choice.filter() {
            line = line.with(Style::Yellow, &format!("  /{filter}_"));
            if choice.shown().is_empty() {
                line = line.with(Style::Plain, "  ").with(Style::Dim, "no match");
            }
        }
        line.cut(width, self.is_ascii)
    }

    /// As many as there is room for; the way out is one of the first.
    fn keys(&self, width: usize) -> ScreenLine {
        let (arrows, back) = if self.is_ascii { ("arrows", "left") } else { ("↑↓", "←") };
        let mut keys = vec![format!("{arrows} choose")];
        match (self.picker.listed(), self.picker.marked().len()) {
            (PickerList::Files, 0) => keys.extend(["enter versions".into(), "space mark".into()]),
            (PickerList::Files, marked) => {
                keys.extend([format!("enter restore {marked}"), "space mark".into()]);
            }
            (PickerList::Versions(_), _) => {
                keys.extend(["enter restore".into(), format!("{back} files")]);
            }
            (PickerList::Events, _) => keys.push("enter undo".into()),
        }
        let tab =
            if self.picker.listed() == PickerList::Events { "tab files" } else { "tab events" };
        keys.extend(["esc leave", tab, "letters filter", "pgup pgdn scroll"].map(str::to_owned));
        let mut line = ScreenLine::default();
        for key in keys {
            let gap = if line.width() == 0 { "" } else { "  " };
            let next = line.clone().with(Style::Dim, &format!("{gap}{key}"));
            if next.width() > width {
                break;
            }
            line = next;
        }
        line
    }

    fn list(&self, layout: Layout) -> Vec<ScreenLine> {
        let choice = self.picker.choice();
        let listed = self.picker.listed();
        let rows: Vec<ScreenLine> = match listed {
            PickerList::Files => self.file_rows(choice.shown(), layout.list.0),
            PickerList::Versions(_) => self.version_rows(choice.shown()),
            PickerList::Events => self.event_rows(choice.shown()),
        };
        let visible = layout.visible(choice.line(), rows.len());
        let rows = rows.into_iter().enumerate().skip(visible.start).take(visible.len());
        rows.map(|(at, row)| {
            let is_chosen = at == choice.line();
            let is_marked =
                listed == PickerList::Files && self.picker.marked().contains(&choice.shown()[at]);
            let mark = match (is_chosen, is_marked) {
                (true, true) => ">*",
                (true, false) => "> ",
                (false, true) => " *",
                (false, false) => "  ",
            };
            let row = ScreenLine::default().with(Style::Bold, mark).then(row);
            let row = row.cut(layout.list.0, self.is_ascii);
            if is_chosen { row.padded(layout.list.0).chosen() } else { row }
        })
        .collect()
    }
}

/// When it was, in as few letters as tell it beside its age: `20:10`, and of another day `6 Nov 20:10`.
pub fn clock(time: Timestamp, now: &Now) -> String {
    let time = time.naive();
    let form = if time.date() == now.naive_local().date() { "%H:%M" } else { "%-d %b %H:%M" };
    time.format(form).to_string()
}

#[cfg(test)]
mod tests;
