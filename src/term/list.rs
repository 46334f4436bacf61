//! What `list` shows.

use std::collections::BTreeMap;

use super::page::{Colour, Page};
use super::report::{Row, age};
use super::restore::short;
use super::table::{self, Cell};
use super::{Term, one_line};
use crate::backups::versions::Version;
use crate::backups::versions::work::WorkFate;
use crate::model::events::event::Kind;
use crate::model::harm::BackupPlace;
use crate::model::names::repo_path::RepoPath;
use crate::model::now::Now;
use crate::model::settings::size::Size;

/// Below this many columns a version's id gives way to what became of it and where it is.
const NARROW: usize = 80;
/// From this many on there is room for the time of day.
const WIDE: usize = 100;
/// And from this many on for how big it is and why it was kept.
const ROOMY: usize = 110;

impl Term {
    /// The table of `list`: each file, and below it its versions.
    pub fn list(&self, rows: &[Row], now: &Now, page: &Page) -> String {
        let widest = |of: &dyn Fn(&(String, String)) -> usize| {
            rows.iter().map(|row| of(&lines(row))).max().unwrap_or(0)
        };
        let (added, removed) = (widest(&|lines| lines.0.len()), widest(&|lines| lines.1.len()));
        let cells: Vec<Vec<Cell>> =
            rows.iter().map(|row| self.version(row, now, page, (added, removed))).collect();
        let shown = table::lines(&cells, page, |text, before| page.start_of(text, before));
        let mut text = String::new();
        let mut path = None;
        for (row, line) in rows.iter().zip(shown) {
            if path != Some(&row.version.path) {
                path = Some(&row.version.path);
                let name = page.end_of(&self.path(&row.version.path), 0);
                text.push_str(&page.paint(Colour::Bold, &name));
                text.push('\n');
            }
            text.push_str(&line);
            text.push('\n');
        }
        if page.width.is_some() && leaves_out(rows) {
            let more = "numbers left out are in the vault only: git bak list";
            text.push_str(&page.paint(Colour::Dim, more));
            text.push('\n');
        }
        text
    }

    /// The cells of one version; so many columns for the lines that came and went.
    fn version(&self, row: &Row, now: &Now, page: &Page, room: (usize, usize)) -> Vec<Cell> {
        let version = &row.version;
        let has = |columns: usize| page.width.is_none_or(|width| width >= columns);
        let (added, removed) = lines(row);
        let counted = match row.lines {
            Some((0, 0)) => Cell::left("as the file"),
            Some(_) => {
                let added = Cell::left(format!("{added:>0$}", room.0));
                let removed = Cell::left(format!(" {removed:<0$}", room.1));
                added.in_colour(Colour::Green).then(removed.in_colour(Colour::Red))
            }
            None if row.is_compared => Cell::left("no text").in_colour(Colour::Dim),
            None => Cell::left(""),
        };
        let mut cells = Vec::with_capacity(8);
        cells.push(Cell::left(format!("@{{{}}}", version.number)));
        if has(WIDE) {
            cells.push(Cell::left(version.time.for_people()).in_colour(Colour::Dim));
        }
        cells.push(Cell::right(age(version.time, now)));
        if has(NARROW) {
            let artifact = version.artifact.map_or("-".to_owned(), |id| id.to_string());
            cells.push(Cell::left(artifact).in_colour(Colour::Yellow));
        }
        // What a restore or an undo keeps of what it overwrites, the user didn't ask for.
        let is_by_hand = version.kind() == Some(Kind::Manual);
        let cause =
            version.known.cause.as_deref().filter(|it| is_by_hand && it.starts_with("before "));
        let kind = cause.unwrap_or(version.kind().map_or("-", Kind::name)).to_owned();
        let fate = Cell::left(fate(row));
        let fate = if matches!(row.fate, Some(WorkFate::Open)) {
            fate.in_colour(Colour::Cyan)
        } else {
            fate
        };
        if has(ROOMY) {
            cells.push(Cell::right(Size::from_bytes(version.size).to_string()));
            cells.push(Cell::left(kind));
        }
        cells.extend([counted, fate, Cell::left(self.note_of(row))]);
        cells
    }

    /// Where a version is that is no file beside its original, and all its labels.
    pub fn note_of(&self, row: &Row) -> String {
        let labels = row.labels.iter().map(|label| format!("\"{}\"", one_line(label)));
        let note = Some(self.note(&row.version)).filter(|note| !note.is_empty());
        note.into_iter().chain(labels).collect::<Vec<_>>().join("  ")
    }

    /// Where a version is that is no file beside its original, and its label.
    fn note(&self, version: &Version) -> String {
        let place = match (&version.backup, &version.other_worktree) {
            (Some(backup), _) => {
                (backup.place() == BackupPlace::GitDir).then(|| "bak/files".to_owned())
            }
            (None, Some(name)) => Some(format!("vault of {}", self.name(name.as_bytes()))),
            (None, None) => Some("vault".to_owned()),
        };
        let label = version.known.label.as_deref().map(|label| format!("\"{}\"", one_line(label)));
        let parts: Vec<String> = place.into_iter().chain(label).collect();
        parts.join("  ")
    }
}

/// What became of a version.
pub fn fate(row: &Row) -> String {
    let elsewhere = if row.is_elsewhere { ", not on this branch" } else { "" };
    match &row.fate {
        Some(WorkFate::Open) => "uncommitted".to_owned(),
        Some(WorkFate::Committed(commit)) => format!("in {}{elsewhere}", short(commit)),
        Some(WorkFate::Draft(commit)) => format!("draft of {}{elsewhere}", short(commit)),
        Some(WorkFate::Stashed(entry)) => format!("in stash@{{{entry}}}"),
        Some(WorkFate::Gits) | None => String::new(),
    }
}

/// Whether some file's numbers have gaps: a user who sees `@{3}` alone would wonder where the others are.
fn leaves_out(rows: &[Row]) -> bool {
    let mut by_path: BTreeMap<&RepoPath, (usize, usize)> = BTreeMap::new();
    for Row { version, .. } in rows {
        let (shown, last) = by_path.entry(&version.path).or_default();
        (*shown, *last) = (*shown + 1, version.number.max(*last));
    }
    by_path.values().any(|(shown, last)| shown < last)
}

/// What would come and what would go by restoring it, if anything.
fn lines(row: &Row) -> (String, String) {
    match row.lines {
        Some((added, removed)) if added + removed > 0 => {
            (format!("+{added}"), format!("-{removed}"))
        }
        _ => (String::new(), String::new()),
    }
}
