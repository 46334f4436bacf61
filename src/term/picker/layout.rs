//! Where the parts of a screen lie.

/// From this many columns on the difference stands beside the list.
const WIDE: usize = 90;

/// How the parts of a screen lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub(super) width: usize,
    pub(super) height: usize,
    /// The columns of the list, and the lines of it.
    pub(super) list: (usize, usize),
    /// The columns of the difference, and the lines of it.
    pub(super) change: (usize, usize),
    pub(super) is_wide: bool,
}

impl Layout {
    /// For a screen of so many columns and lines, of a list of so many.
    pub fn of(width: usize, height: usize, entries: usize) -> Self {
        // A title above, the keys below.
        let body = height.saturating_sub(2);
        if width >= WIDE {
            let list = (width / 2).min(70);
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
