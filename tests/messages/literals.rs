//! The texts in Rust code.

/// A text, and the code before it.
pub struct Literal<'a> {
    pub text: String,
    pub before: &'a str,
}

/// Every text in double quotes, in order; those in comments and the letters in single quotes are none.
pub fn literals(code: &str) -> Vec<Literal<'_>> {
    let mut found = Vec::new();
    let bytes = code.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += code[at..].find('\n').unwrap_or(code.len() - at);
            }
            // 'x' and '\n' and '"', but not the 'a of a lifetime.
            b'\'' => at += character(&code[at..]),
            b'"' => {
                let (text, length) = text(&code[at + 1..]);
                let start = code[..at].len().saturating_sub(60);
                let start = (start..=at).find(|&start| code.is_char_boundary(start)).unwrap();
                found.push(Literal { text, before: &code[start..at] });
                at += length + 1;
            }
            _ => at += 1,
        }
    }
    found
}

/// How long a letter in single quotes is; 1 if it is none.
fn character(code: &str) -> usize {
    let mut letters = code.char_indices().skip(1);
    match letters.next() {
        Some((_, '\\')) => code[2..].find('\'').map_or(1, |end| {
            // The quote may be what is escaped.
            if end == 0 { 4 } else { end + 3 }
        }),
        Some(_) => match letters.next() {
            Some((at, '\'')) => at + 1,
            _ => 1,
        },
        None => 1,
    }
}

/// The text up to its closing quote as Rust reads it, but for `\n` and the like, and its length in the code.
fn text(code: &str) -> (String, usize) {
    let mut text = String::new();
    let mut letters = code.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (text, at + 1),
            '\\' => match letters.next() {
                Some((_, quote @ ('"' | '\\' | '\''))) => text.push(quote),
                // A line that goes on: its beginning is not part of the text.
                Some((_, '\n')) => {
                    let rest = &code[at + 2..];
                    let blanks = rest.len() - rest.trim_start().len();
                    letters.by_ref().take(blanks).for_each(drop);
                }
                Some((_, other)) => text.extend(['\\', other]),
                None => {}
            },
            letter => text.push(letter),
        }
    }
    (text, code.len())
}

#[test]
fn texts_are_read_as_rust_reads_them() {
    let code =
        "say(\"one \\\"two\\\"\"); // \"no\"\nlet c = '\"'; f::<'a>('\\'', \"a \\\n    b\\n\")";
    let found = literals(code);
    let texts: Vec<&str> = found.iter().map(|literal| literal.text.as_str()).collect();
    assert_eq!(texts, ["one \"two\"", "a b\\n"]);
    assert_eq!(found[0].before, "say(");
}
