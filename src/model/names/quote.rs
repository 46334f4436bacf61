//! Names as Git quotes them, and as a shell takes them.
//!
//! A file's name may contain a line feed or the escape sequences of a terminal. Nothing that comes
//! out of here contains a control character.

/// A name as Git prints it: plain, or in double quotes with escapes as in C.
///
/// Control characters, `"` and `\` are always escaped, as is what isn't UTF-8. `quote_path` is
/// Git's `core.quotePath`: whether all else beyond ASCII is escaped too, in octal. One difference
/// from Git: control characters beyond ASCII (U+0080 to U+009F) are always escaped, since
/// terminals obey them.
pub fn quote(name: &[u8], quote_path: bool) -> String {
    let mut body = String::with_capacity(name.len() + 2);
    let mut escaped = false;
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            let plain = is_plain(character, quote_path);
            escaped |= !plain;
            if plain {
                body.push(character);
            } else {
                push_escaped(&mut body, character);
            }
        }
        escaped |= !chunk.invalid().is_empty();
        push_octal(&mut body, chunk.invalid());
    }
    if escaped { format!("\"{body}\"") } else { body }
}

/// The name that Git prints quoted, as bytes; one that isn't quoted as it stands. `None` for what no quoting
/// makes.
pub fn unquote(text: &str) -> Option<Vec<u8>> {
    let Some(body) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return Some(text.as_bytes().to_vec());
    };
    let mut name = Vec::with_capacity(body.len());
    let mut rest = body.as_bytes();
    while let [first, others @ ..] = rest {
        rest = others;
        if *first != b'\\' {
            name.push(*first);
            continue;
        }
        let (byte, length) = unescape(rest)?;
        name.push(byte);
        rest = &rest[length..];
    }
    Some(name)
}

/// The byte that an escape behind its backslash stands for, and how long that is (quote.c in Git).
fn unescape(escape: &[u8]) -> Option<(u8, usize)> {
    let at = |letter| b"abtnvfr".iter().position(|known| *known == letter);
    match *escape {
        [byte @ (b'"' | b'\\'), ..] => Some((byte, 1)),
        [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
            Some(((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), 3))
        }
        [letter, ..] => Some((u8::try_from(at(letter)?).ok()? + 7, 1)),
        [] => None,
    }
}

/// A name as a word that can be pasted into a POSIX shell, and that no command takes for an
/// option.
///
/// Plain where nothing in it means anything to a shell, else in single quotes. Where it has a
/// control character or isn't UTF-8, in the form `$'...'` of POSIX 2024, which bash, ksh and zsh
/// have had all along.
pub fn shell_word(name: &[u8]) -> String {
    word(name, if name.starts_with(b"-") { "./" } else { "" })
}

/// The same for a word of a command, which may well be an option.
pub fn shell_argument(argument: &[u8]) -> String {
    word(argument, "")
}

fn word(name: &[u8], dash: &str) -> String {
    match str::from_utf8(name) {
        Ok(text) if is_shell_plain(text) => format!("{dash}{text}"),
        Ok(text) if !text.contains(char::is_control) => {
            format!("'{dash}{}'", text.replace('\'', r"'\''"))
        }
        _ => format!("$'{dash}{}'", dollar_body(name)),
    }
}

/// Whether a shell takes the text as it is. A `=` in front would be an expansion to zsh.
fn is_shell_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./@%+=:,-".contains(&byte);
    !text.is_empty() && !text.starts_with('=') && text.bytes().all(plain)
}

/// What stands between `$'` and `'`.
fn dollar_body(name: &[u8]) -> String {
    let mut body = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' => body.push_str(r"\'"),
                // A double quote needs no escape here, and \" isn't known everywhere.
                '"' => body.push('"'),
                // An interactive bash would look it up in its history.
                '!' => push_octal(&mut body, b"!"),
                _ if is_plain(character, false) => body.push(character),
                _ => push_escaped(&mut body, character),
            }
        }
        push_octal(&mut body, chunk.invalid());
    }
    body
}

/// Whether Git would print the character as it is.
fn is_plain(character: char, quote_path: bool) -> bool {
    !character.is_control()
        && !matches!(character, '"' | '\\')
        && (character.is_ascii() || !quote_path)
}

/// Appends a character by its letter, where C has one, else byte by byte in octal.
fn push_escaped(body: &mut String, character: char) {
    let letter = match character {
        '\x07' => 'a',
        '\x08' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\x0b' => 'v',
        '\x0c' => 'f',
        '\r' => 'r',
        '"' | '\\' => character,
        _ => return push_octal(body, character.encode_utf8(&mut [0; 4]).as_bytes()),
    };
    body.extend(['\\', letter]);
}

/// Appends bytes as `\ooo`: always three digits, so that a digit may follow.
fn push_octal(body: &mut String, bytes: &[u8]) {
    for byte in bytes {
        body.push('\\');
        body.extend([byte >> 6, byte >> 3 & 7, byte & 7].map(|digit| char::from(b'0' + digit)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_stay_plain() {
        for name in ["", "a.txt", "dir/with space", "-x", "it's", "$HOME"] {
            assert_eq!(quote(name.as_bytes(), true), name);
            assert_eq!(quote(name.as_bytes(), false), name);
        }
    }

    /// What `git ls-files` printed for each of these.
    #[test]
    fn special_characters_are_always_escaped() {
        let escaped: [(&[u8], &str); 12] = [
            (b"a\nb", r#""a\nb""#),
            (b"a\tb", r#""a\tb""#),
            (b"a\rb", r#""a\rb""#),
            (b"a\x07b", r#""a\ab""#),
            (b"a\x08b", r#""a\bb""#),
            (b"a\x0bb", r#""a\vb""#),
            (b"a\x0cb", r#""a\fb""#),
            (b"a\x01b", r#""a\001b""#),
            (b"a\x1b1", r#""a\0331""#),
            (b"a\x7fb", r#""a\177b""#),
            (b"a\"b", r#""a\"b""#),
            (b"a\\b", r#""a\\b""#),
        ];
        for (name, expected) in escaped {
            assert_eq!(quote(name, true), expected);
            assert_eq!(quote(name, false), expected);
        }
    }

    #[test]
    fn what_is_not_ascii_is_escaped_only_on_demand() {
        assert_eq!(quote("aéb".as_bytes(), true), r#""a\303\251b""#);
        assert_eq!(quote("aéb".as_bytes(), false), "aéb");
        assert_eq!(quote("é\n".as_bytes(), false), r#""é\n""#);
    }

    #[test]
    fn what_is_not_utf8_is_always_escaped() {
        assert_eq!(quote(b"a\xffb", true), r#""a\377b""#);
        assert_eq!(quote(b"a\xff\xc3b", false), r#""a\377\303b""#);
        assert_eq!(quote(b"\xc3\xa9\xff", false), r#""é\377""#);
    }

    #[test]
    fn control_characters_beyond_ascii_are_always_escaped() {
        assert_eq!(quote("a\u{9b}2J".as_bytes(), false), r#""a\302\2332J""#);
    }

    #[test]
    fn no_byte_comes_out_as_a_control_character() {
        let all: Vec<u8> = (0..=255).collect();
        for text in [quote(&all, true), quote(&all, false), shell_word(&all)] {
            assert!(!text.contains(char::is_control));
        }
    }

    #[test]
    fn harmless_words_stay_plain() {
        for name in ["a.txt", "dir/a_b-c@1,2:3%4+5=6", "/abs"] {
            assert_eq!(shell_word(name.as_bytes()), name);
        }
    }

    #[test]
    fn a_word_is_never_an_option() {
        assert_eq!(shell_word(b"-rf"), "./-rf");
        assert_eq!(shell_word(b"-r f"), "'./-r f'");
        assert_eq!(shell_word(b"-\n"), r"$'./-\n'");
    }

    #[test]
    fn other_words_stand_in_single_quotes() {
        let quoted = [
            ("", "''"),
            ("a b", "'a b'"),
            ("$HOME", "'$HOME'"),
            ("`x`", "'`x`'"),
            ("a;b", "'a;b'"),
            ("*", "'*'"),
            ("~", "'~'"),
            ("#a", "'#a'"),
            ("a!b", "'a!b'"),
            ("a\\b", r"'a\b'"),
            ("a\"b", "'a\"b'"),
            ("it's", r"'it'\''s'"),
            ("é", "'é'"),
            ("=ls", "'=ls'"),
        ];
        for (name, expected) in quoted {
            assert_eq!(shell_word(name.as_bytes()), expected);
        }
    }

    #[test]
    fn control_characters_and_foreign_bytes_take_the_dollar_form() {
        let quoted: [(&[u8], &str); 7] = [
            (b"a\nb", r"$'a\nb'"),
            (b"a\x1b[1m", r"$'a\033[1m'"),
            (b"\n'\"\\", r#"$'\n\'"\\'"#),
            (b"\n$HOME", r"$'\n$HOME'"),
            (b"\n!x", r"$'\n\041x'"),
            (b"a\xffb", r"$'a\377b'"),
            (b"\xc3\xa9\n1", r"$'é\n1'"),
        ];
        for (name, expected) in quoted {
            assert_eq!(shell_word(name), expected);
        }
    }
}
