//! Rows of cells, each column as wide as its widest cell.

use std::borrow::Cow;
use std::iter::{once, repeat_n};

use super::columns::width;
use super::page::{Colour, Page};

type Piece = (Option<Colour>, Cow<'static, str>);

/// A cell: one or two pieces of text, each in a colour or in none.
#[derive(Debug, Clone)]
pub struct Cell {
    first: Piece,
    second: Option<Box<Piece>>,
    is_right: bool,
}

impl Cell {
    /// A cell that begins at its column's left end.
    pub fn left(text: impl Into<Cow<'static, str>>) -> Self {
        Self { first: (None, text.into()), second: None, is_right: false }
    }

    /// A cell that ends at its column's right end: a number.
    pub fn right(text: impl Into<Cow<'static, str>>) -> Self {
        Self { is_right: true, ..Self::left(text) }
    }

    /// The same cell in a colour.
    pub fn in_colour(mut self, colour: Colour) -> Self {
        self.first.0 = Some(colour);
        self
    }

    /// The cell with the text of another behind it.
    pub fn then(self, other: Self) -> Self {
        Self { second: Some(Box::new(other.first)), ..self }
    }

    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        once(&self.first).chain(self.second.as_deref())
    }

    fn width(&self) -> usize {
        self.pieces().map(|(_, text)| width(text)).sum()
    }

    /// Adds the cell to a line, in so many columns.
    fn put(&self, line: &mut String, columns: usize, page: &Page) {
        let blanks = repeat_n(' ', columns.saturating_sub(self.width()));
        if self.is_right {
            line.extend(blanks.clone());
        }
        for (colour, text) in self.pieces() {
            match colour {
                Some(colour) if !text.trim().is_empty() => {
                    line.push_str(&page.paint(*colour, text));
                }
                _ => line.push_str(text),
            }
        }
        if !self.is_right {
            line.extend(blanks);
        }
    }
}

/// The rows as lines, two blanks before each cell. A column in which every cell is empty is left out; text
/// in the last cell of a row is cut to the page, by `cut`: it is given the text and the columns before it.
pub fn lines(rows: &[Vec<Cell>], page: &Page, cut: impl Fn(&str, usize) -> String) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(Cell::width).max();
    let widths: Vec<usize> = (0..count).map(|at| widest(at).unwrap_or(0)).collect();
    let line = |row: &Vec<Cell>| {
        let mut line = String::with_capacity(widths.iter().map(|width| width + 2).sum());
        let mut before = 0;
        for (at, cell) in row.iter().enumerate().filter(|(at, _)| widths[*at] > 0) {
            before += 2;
            line.push_str("  ");
            if at + 1 < count {
                cell.put(&mut line, widths[at], page);
            } else if cell.second.is_none() {
                let cut = cut(&cell.first.1, before);
                Cell { first: (cell.first.0, cut.into()), ..cell.clone() }.put(&mut line, 0, page);
            } else {
                cell.put(&mut line, 0, page);
            }
            before += widths[at];
        }
        line.truncate(line.trim_end().len());
        line
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_empty_ones_go() {
        let row = |number: &'static str, name: &'static str, last: &'static str| {
            vec![Cell::right(number), Cell::left(""), Cell::left(name), Cell::left(last)]
        };
        let rows = [row("1", "日本", "x"), row("10", "abc", "0123456789abcdef"), row("2", "", "")];
        let page = Page::plain(Some(22));
        let lines = lines(&rows, &page, |text, before| page.start_of(text, before));
        assert_eq!(lines, ["   1  日本  x", "  10  abc   0123456789a…", "   2"]);
    }
}
