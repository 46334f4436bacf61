//! Rows of cells, each column as wide as its widest cell.

use super::columns::width;
use super::page::{Colour, Page};

/// A cell: pieces of text, each in a colour or in none.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    pieces: Vec<(Option<Colour>, String)>,
    is_right: bool,
}

impl Cell {
    /// A cell that begins at its column's left end.
    pub fn left(text: impl Into<String>) -> Self {
        Self { pieces: vec![(None, text.into())], is_right: false }
    }

    /// A cell that ends at its column's right end: a number.
    pub fn right(text: impl Into<String>) -> Self {
        Self { is_right: true, ..Self::left(text) }
    }

    /// The same cell in a colour.
    pub fn in_colour(mut self, colour: Colour) -> Self {
        self.pieces.iter_mut().for_each(|piece| piece.0 = Some(colour));
        self
    }

    /// The cell with another behind it.
    pub fn then(mut self, other: Self) -> Self {
        self.pieces.extend(other.pieces);
        self
    }

    fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| width(text)).sum()
    }

    /// As it is printed, in so many columns.
    fn filled(&self, columns: usize, page: &Page) -> String {
        let blanks = " ".repeat(columns.saturating_sub(self.width()));
        let text: String = self
            .pieces
            .iter()
            .map(|(colour, text)| match colour {
                Some(colour) if !text.trim().is_empty() => page.paint(*colour, text),
                _ => text.clone(),
            })
            .collect();
        if self.is_right { blanks + &text } else { text + &blanks }
    }
}

/// The rows as lines, two blanks before each cell. A column in which every cell is empty is left out; text
/// in the last cell of a row is cut to the page, by `cut`: it is given the text and the columns before it.
pub fn lines(rows: &[Vec<Cell>], page: &Page, cut: impl Fn(&str, usize) -> String) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(Cell::width).max();
    let widths: Vec<usize> = (0..count).map(|at| widest(at).unwrap_or(0)).collect();
    let line = |row: &Vec<Cell>| {
        let mut line = String::new();
        let mut before = 0;
        for (at, cell) in row.iter().enumerate().filter(|(at, _)| widths[*at] > 0) {
            before += 2;
            line.push_str("  ");
            if at + 1 < count {
                line.push_str(&cell.filled(widths[at], page));
            } else {
                let mut cell = cell.clone();
                if let [(_, text)] = cell.pieces.as_mut_slice() {
                    *text = cut(text, before);
                }
                line.push_str(&cell.filled(0, page));
            }
            before += widths[at];
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_empty_ones_go() {
        let row = |number: &str, name: &str, last: &str| {
            vec![Cell::right(number), Cell::left(""), Cell::left(name), Cell::left(last)]
        };
        let rows = [row("1", "日本", "x"), row("10", "abc", "0123456789abcdef"), row("2", "", "")];
        let page = Page::plain(Some(22));
        let lines = lines(&rows, &page, |text, before| page.start_of(text, before));
        assert_eq!(lines, ["   1  日本  x", "  10  abc   0123456789a…", "   2"]);
    }
}
