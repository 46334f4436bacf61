//! Text whose lines end in CR LF where Git has LF: its bytes need not be kept, for Git's lines make them again.

/// The text with LF as each line's end; `None` if not every end is CR LF, or there is none.
pub(super) fn without_returns(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                lines.extend_from_slice(line.strip_suffix(b"\r")?);
                lines.push(b'\n');
            }
            None => lines.extend_from_slice(line),
        }
    }
    Some(lines).filter(|lines| lines.len() < text.len())
}

/// The text of `lines` with CR LF as each line's end.
pub(super) fn with_returns(lines: &[u8]) -> Vec<u8> {
    let ends = |&byte: &u8| if byte == b'\n' { vec![b'\r', b'\n'] } else { vec![byte] };
    lines.iter().flat_map(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_go_there_and_back_or_not_at_all() {
        let lines = without_returns(b"a\r\n\r\nb").unwrap();
        assert_eq!(
            (lines.as_slice(), with_returns(&lines).as_slice()),
            (&b"a\n\nb"[..], &b"a\r\n\r\nb"[..])
        );
        for text in [&b"a\nb\r\n"[..], b"a\n", b"a", b"", b"\r"] {
            assert_eq!(without_returns(text), None, "{text:?}");
        }
    }
}
