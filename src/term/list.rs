//! What `list` shows.

use super::page::{Colour, Page};
use super::report::{Row, age};
use super::table::{self, Cell};
use super::{Term, one_line};
use crate::backups::versions::Version;
use crate::model::events::event::Kind;
use crate::model::harm::BackupPlace;
use crate::model::now::Now;
use crate::model::settings::size::Size;

/// Below this many columns how big a version is and its id give way to why it was kept and where it is.
const NARROW: usize = 80;
/// From this many on there is room for the time of day.
const WIDE: usize = 100;

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
            let more = "numbers left out are in the vault alone: git bak list --vault";
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
            cells.push(Cell::right(Size::from_bytes(version.size).to_string()));
        }
        let kind = version.kind().map_or("-", Kind::name);
        cells.extend([Cell::left(kind), counted, Cell::left(self.note(version))]);
        cells
    }

    /// Where a version is that is no file beside its original, and its label.
    pub fn note(&self, version: &Version) -> String {
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

/// Whether some file's numbers have gaps: who sees `@{3}` alone wonders where the others are.
fn leaves_out(rows: &[Row]) -> bool {
    let mut before: Option<&Version> = None;
    rows.iter().any(|row| {
        let version = &row.version;
        let same = before.replace(version).filter(|before| before.path == version.path);
        version.number != same.map_or(1, |before| before.number + 1)
    })
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
