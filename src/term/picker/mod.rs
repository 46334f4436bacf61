//! What `restore` shows while the user chooses: a list, and beside or below it what would change.
//!
//! Drawing is a function: what there is to show and how big the screen is go in, lines come out. The screen
//! itself and its keys are in [`screen`] and `keys`.

mod keys;
mod line;
pub mod screen;

use line::{ScreenLine, Style};

use crate::git::line_diff;
use crate::model::picker::Picker;
use crate::model::settings::size::Size;
use crate::term::columns::{end_of, width};

/// From this many columns on the difference stands beside the list.
const WIDE: usize = 90;

#[derive(Debug, Clone)]
pub struct FileLine {
    /// Its name, as it is shown.
    pub name: String,
    /// How long ago its newest version was made.
    pub age: String,
    pub is_gone: bool,
}

#[derive(Debug, Clone, Default)]
pub struct VersionLine {
    /// How long ago it was made.
    pub age: String,
    pub size: String,
    /// How many lines would come and go; `None` for what is no text.
    pub lines: Option<(usize, usize)>,
    /// The branch that was checked out.
    pub branch: String,
    pub kind: String,
    /// Its label, or where else it is from.
    pub note: String,
}

impl VersionLine {
    /// What it can be found by.
    pub fn words(&self) -> String {
        [&self.age, &self.branch, &self.kind, &self.note].map(String::as_str).join(" ")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownChange {
    Lines(Vec<line_diff::DiffLine>),
    /// Nothing: the file is the same now.
    Nothing,
    /// Binary: its size now (`None` if the file is gone), and then.
    Bytes(Option<u64>, u64),
    /// More than can be compared while the user waits.
    TooMuch,
    Unreadable(String),
}

#[derive(Debug)]
pub struct View<'a> {
    pub picker: &'a Picker,
    pub files: &'a [FileLine],
    /// Every version of the file that is opened.
    pub versions: &'a [VersionLine],
    /// What restoring the chosen one would change; `None` if there is none.
    pub change: Option<&'a ShownChange>,
    /// Only plain letters can be shown.
    pub is_ascii: bool,
}

/// How the parts of a screen lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    width: usize,
    height: usize,
    /// The columns of the list, and the lines of it.
    list: (usize, usize),
    /// The columns of the difference, and the lines of it.
    change: (usize, usize),
    is_wide: bool,
}

impl Layout {
    /// For a screen of so many columns and lines, of a list of so many.
    pub fn of(width: usize, height: usize, entries: usize) -> Self {
        // A title above, the keys below.
        let body = height.saturating_sub(2);
        if width >= WIDE {
            let list = (width * 9 / 20).min(70);
            let change = (width - list - 3, body);
            return Self { width, height, list: (list, body), change, is_wide: true };
        }
        let list = entries.clamp(1, (body / 2).clamp(1, 8)).min(body);
        // A line between the two.
        let change = (width, body.saturating_sub(list + 1));
        Self { width, height, list: (width, list), change, is_wide: false }
    }

    /// How many lines of the difference are seen at once.
    pub fn change_lines(&self) -> usize {
        self.change.1
    }

    /// Which lines of a list of so many are seen if this one is chosen.
    pub fn visible(&self, chosen: usize, entries: usize) -> std::ops::Range<usize> {
        let room = self.list.1;
        let first = (chosen + 1).saturating_sub(room).min(entries);
        first..(first + room).min(entries)
    }
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
        let what = match self.picker.opened() {
            None => "restore which file?".to_owned(),
            Some(file) => format!("restore which version of {}?", self.files[file].name),
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

    fn keys(&self, width: usize) -> ScreenLine {
        let (arrows, back) = if self.is_ascii { ("up down", "left") } else { ("↑ ↓", "←") };
        let mut keys = vec![format!("{arrows} choose")];
        if self.picker.opened().is_some() {
            keys.extend(["enter restore".into(), format!("{back} files")]);
        } else {
            keys.push("enter versions".into());
        }
        keys.extend(["esc leave", "letters filter", "pgup pgdn scroll"].map(str::to_owned));
        ScreenLine::default().with(Style::Dim, &keys.join("   ")).cut(width, self.is_ascii)
    }

    fn list(&self, layout: Layout) -> Vec<ScreenLine> {
        let choice = self.picker.choice();
        let rows: Vec<ScreenLine> = match self.picker.opened() {
            None => choice.shown().iter().map(|&at| self.file(at, layout.list.0)).collect(),
            Some(_) => self.version_rows(choice.shown()),
        };
        let visible = layout.visible(choice.line(), rows.len());
        let rows = rows.into_iter().enumerate().skip(visible.start).take(visible.len());
        rows.map(|(at, row)| {
            let is_chosen = at == choice.line();
            let mark = ScreenLine::default().with(Style::Bold, if is_chosen { "> " } else { "  " });
            let row = mark.then(row).cut(layout.list.0, self.is_ascii);
            if is_chosen { row.padded(layout.list.0).chosen() } else { row }
        })
        .collect()
    }

    /// The name, the end of which tells most, and how long ago.
    fn file(&self, at: usize, width: usize) -> ScreenLine {
        let FileLine { name, age, is_gone } = &self.files[at];
        let gone = match (is_gone, self.files.iter().any(|file| file.is_gone)) {
            (true, _) => "gone  ",
            (false, true) => "      ",
            (false, false) => "",
        };
        let age = format!("{gone}{age:>8}");
        let room = width.saturating_sub(2 + age.len() + 2);
        let name = end_of(name, room, self.is_ascii);
        ScreenLine::default().with(Style::Plain, &name).padded(room + 2).with(Style::Dim, &age)
    }

    fn version_rows(&self, shown: &[usize]) -> Vec<ScreenLine> {
        let versions: Vec<&VersionLine> = shown.iter().map(|&at| &self.versions[at]).collect();
        let counts = |version: &VersionLine| match version.lines {
            Some((0, 0)) => ("as now".to_owned(), String::new()),
            Some((added, removed)) => (format!("+{added}"), format!("-{removed}")),
            None => ("-".into(), String::new()),
        };
        let widest = |of: &dyn Fn(&VersionLine) -> usize| {
            versions.iter().map(|version| of(version)).max().unwrap_or(0)
        };
        let age = widest(&|version| version.age.len());
        let size = widest(&|version| version.size.len());
        let added = widest(&|version| counts(version).0.len());
        let removed = widest(&|version| counts(version).1.len());
        let branch = widest(&|version| width(&version.branch).min(20));
        let row = |version: &&VersionLine| {
            let (plus, minus) = counts(version);
            let name = end_of(&version.branch, branch, self.is_ascii);
            ScreenLine::default()
                .with(Style::Plain, &format!("{:>age$}  {:>size$}  ", version.age, version.size))
                .with(Style::Green, &format!("{plus:>added$}"))
                .with(Style::Red, &format!(" {minus:<removed$}"))
                .with(Style::Cyan, &format!("  {name}{}", " ".repeat(branch - width(&name))))
                .with(Style::Plain, &format!("  {}", version.kind))
                .with(
                    Style::Yellow,
                    &if version.note.is_empty() {
                        String::new()
                    } else {
                        format!("  {}", version.note)
                    },
                )
        };
        versions.iter().map(row).collect()
    }

    fn change(&self, layout: Layout) -> Vec<ScreenLine> {
        let (width, room) = layout.change;
        let plain = |text: String| vec![ScreenLine::default().with(Style::Dim, &text)];
        let lines = match self.change {
            None => Vec::new(),
            Some(ShownChange::Lines(lines)) => {
                let shown = lines.iter().skip(self.picker.scrolled()).take(room);
                shown.map(of_change).collect()
            }
            Some(ShownChange::Nothing) => plain("the file is the same now".into()),
            Some(ShownChange::Bytes(now, then)) => {
                let then = Size::from_bytes(*then);
                plain(match now {
                    Some(now) => format!("no text: {then}, and {} now", Size::from_bytes(*now)),
                    None => format!("no text: {then}, and the file is gone"),
                })
            }
            Some(ShownChange::TooMuch) => plain("too big to compare here: see git bak diff".into()),
            Some(ShownChange::Unreadable(why)) => plain(why.clone()),
        };
        lines.into_iter().take(room).map(|line| line.cut(width, self.is_ascii)).collect()
    }
}

/// A line of a difference, in Git's colours.
fn of_change(line: &line_diff::DiffLine) -> ScreenLine {
    let (look, sign, text) = match line {
        line_diff::DiffLine::Place(text) => (Style::Cyan, "", text),
        line_diff::DiffLine::Same(text) => (Style::Plain, " ", text),
        line_diff::DiffLine::Added(text) => (Style::Green, "+", text),
        line_diff::DiffLine::Removed(text) => (Style::Red, "-", text),
    };
    ScreenLine::default().with(look, &format!("{sign}{}", line::of_file(text)))
}

#[cfg(test)]
mod tests;
