//! A line of the screen: text in looks, cut and filled to columns.

use std::fmt::Write;

use crate::term::columns::{start_of, width};

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Bold,
    Dim,
    Green,
    Red,
    Cyan,
    Yellow,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScreenLine {
    pieces: Vec<(Style, String)>,
    is_chosen: bool,
}

/// A line of a file: tabs as blanks, and nothing that a terminal obeys.
pub fn of_file(text: &[u8]) -> String {
    let mut line = String::new();
    // No screen shows more of a line than this, and some files have but one.
    let text = String::from_utf8_lossy(&text[..text.len().min(4000)]);
    for letter in text.chars() {
        match letter {
            '\t' => line.push_str(&" ".repeat(4 - line.chars().count() % 4)),
            '\r' => line.push_str("^M"),
            control if control.is_control() => line.extend(control.escape_default()),
            // These turn the direction of what stands after them.
            turn @ ('\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                line.extend(turn.escape_unicode());
            }
            plain => line.push(plain),
        }
    }
    line
}

impl ScreenLine {
    /// The line, and a piece of text behind it.
    pub fn with(mut self, look: Style, text: &str) -> Self {
        if !text.is_empty() {
            self.pieces.push((look, text.to_owned()));
        }
        self
    }

    /// The line, and another behind it.
    pub fn then(mut self, other: Self) -> Self {
        self.is_chosen |= other.is_chosen;
        self.pieces.extend(other.pieces);
        self
    }

    pub fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| width(text)).sum()
    }

    /// The line, filled with blanks to so many columns.
    pub fn padded(self, columns: usize) -> Self {
        let missing = columns.saturating_sub(self.width());
        self.with(Style::Plain, &" ".repeat(missing))
    }

    pub fn chosen(mut self) -> Self {
        self.pieces = vec![(Style::Plain, self.text())];
        self.is_chosen = true;
        self
    }

    /// The line, cut to so many columns, with a mark for what is missing.
    pub fn cut(self, columns: usize, is_ascii: bool) -> Self {
        if self.width() <= columns {
            return self;
        }
        let mut cut = Self { pieces: Vec::new(), is_chosen: self.is_chosen };
        let mut room = columns;
        let last = self.pieces.len().saturating_sub(1);
        for (at, (look, text)) in self.pieces.into_iter().enumerate() {
            // One column is for the mark, unless this is the end.
            let fits = if at == last { room } else { room.saturating_sub(1) };
            if width(&text) > fits {
                // It goes on, so that there must be a mark even if this piece would just fit.
                return cut.with(look, &start_of(&(text + " "), room, is_ascii));
            }
            room -= width(&text);
            cut = cut.with(look, &text);
        }
        cut
    }

    pub fn text(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// What a terminal is sent for it. The chosen one is told from the others without colours, too.
    pub fn bytes(&self, colours: bool) -> String {
        if self.is_chosen {
            let (chosen, rest) = self
                .pieces
                .split_first()
                .map_or(("", &[][..]), |(first, rest)| (first.1.as_str(), rest));
            let rest = Self { pieces: rest.to_vec(), is_chosen: false };
            return format!("\x1b[7m{chosen}\x1b[m{}", rest.bytes(colours));
        }
        let mut bytes = String::new();
        for (look, text) in &self.pieces {
            let code = match look {
                Style::Plain => 0,
                Style::Bold => 1,
                Style::Dim => 2,
                Style::Green => 32,
                Style::Red => 31,
                Style::Cyan => 36,
                Style::Yellow => 33,
            };
            let is_plain = code == 0 || (!colours && code > 2);
            let _ = if is_plain {
                write!(bytes, "{text}")
            } else {
                write!(bytes, "\x1b[{code}m{text}\x1b[m")
            };
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_count_twice_and_are_never_halved() {
        let line = ScreenLine::default().with(Style::Red, "日本語").with(Style::Plain, "abc");
        assert_eq!(line.width(), 9);
        assert_eq!(line.clone().cut(9, false).text(), "日本語abc");
        assert_eq!(line.clone().cut(8, false).text(), "日本語a…");
        assert_eq!(line.clone().cut(6, false).text(), "日本…");
        assert_eq!(line.cut(0, false).text(), "");
    }

    #[test]
    fn a_line_of_a_file_sends_a_terminal_nothing_to_obey() {
        assert_eq!(of_file(b"a\tb\x1b[2J\r"), "a   b\\u{1b}[2J^M");
        assert_eq!(of_file("x\u{202e}y\u{9b}".as_bytes()), "x\\u{202e}y\\u{9b}");
        assert_eq!(of_file(b"\xff"), "\u{fffd}");
    }

    #[test]
    fn the_chosen_line_stands_out_without_colours() {
        let line = ScreenLine::default().with(Style::Red, "-1").padded(4).chosen();
        assert_eq!(line.clone().with(Style::Red, "r").bytes(false), "\x1b[7m-1  \x1b[mr");
        assert_eq!(line.with(Style::Red, "r").bytes(true), "\x1b[7m-1  \x1b[m\x1b[31mr\x1b[m");
    }
}
