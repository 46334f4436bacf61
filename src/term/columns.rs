//! Text in columns: how many it takes, and as much of it as fits.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    // Nearly all that is shown, and ten times as fast.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.len();
    }
    UnicodeWidthStr::width(text)
}

/// The end of a text that fits into so many columns, with a mark for what is missing.
pub fn end_of(text: &str, room: usize, is_ascii: bool) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let (mark, mut left) = mark(room, is_ascii);
    let mut start = text.len();
    for (at, letter) in text.char_indices().rev() {
        let Some(rest) = left.checked_sub(letter.width().unwrap_or(0)) else { break };
        (left, start) = (rest, at);
    }
    format!("{mark}{}", &text[start..])
}

/// The beginning of a text that fits into so many columns, with a mark for what is missing.
pub fn start_of(text: &str, room: usize, is_ascii: bool) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let (mark, mut left) = mark(room, is_ascii);
    let mut end = 0;
    for (at, letter) in text.char_indices() {
        let Some(rest) = left.checked_sub(letter.width().unwrap_or(0)) else { break };
        (left, end) = (rest, at + letter.len_utf8());
    }
    format!("{}{mark}", &text[..end])
}

/// What stands for the missing, and how many columns are left beside it.
fn mark(room: usize, is_ascii: bool) -> (&'static str, usize) {
    let mark = match (room, is_ascii) {
        (0, _) => "",
        (_, false) => "…",
        (1..=5, true) => "~",
        (_, true) => "...",
    };
    (mark, room - width(mark))
}

/// The text in lines of at most so many columns, parted at blanks. A word that is longer has a line of its
/// own, and the command that a text ends in, behind its last colon, isn't parted where a line can hold it.
pub fn wrapped(text: &str, room: usize) -> Vec<String> {
    let command = text.rfind(": git ").map_or(text.len(), |at| at + 1);
    let (words, command) = text.split_at(command);
    let mut pieces: Vec<&str> = words.split(' ').collect();
    match command.trim_start() {
        "" => {}
        command if width(command) <= room => pieces.push(command),
        command => pieces.extend(command.split(' ')),
    }
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(piece) <= room => {
                line.push(' ');
                line.push_str(piece);
            }
            _ => lines.push(piece.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_count_twice_and_are_never_halved() {
        assert_eq!(end_of("src/日本.rs", 7, false), "…本.rs");
        assert_eq!(start_of("日本語", 4, false), "日…");
        assert_eq!(start_of("日本語", 6, false), "日本語");
    }

    #[test]
    fn where_marks_are_ascii_so_is_what_stands_for_the_missing() {
        assert_eq!(end_of("src/a.rs", 5, true), "~a.rs");
        assert_eq!(start_of("src/main.rs", 9, true), "src/ma...");
        assert_eq!((start_of("abc", 1, false), start_of("abc", 0, true)), ("…".into(), "".into()));
    }

    #[test]
    fn lines_are_parted_at_blanks_and_commands_stay_whole() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a muchtoolongword b", 5), ["a", "muchtoolongword", "b"]);
        let text = "it failed: git bak restore --all";
        assert_eq!(wrapped(text, 25), ["it failed:", "git bak restore --all"]);
        assert_eq!(wrapped(text, 15), ["it failed: git", "bak restore", "--all"]);
        assert_eq!(wrapped(text, usize::MAX), [text]);
    }
}
