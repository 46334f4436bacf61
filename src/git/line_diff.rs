//! Which lines two texts differ in.

use git2::{DiffLineType, Patch};

use crate::os::platform::path_from_bytes;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiffLine {
    /// Where in the two texts the lines below are: `@@ -1,3 +1,4 @@`.
    Place(Vec<u8>),
    Same(Vec<u8>),
    Added(Vec<u8>),
    Removed(Vec<u8>),
}

/// Lines added and removed on the way from `old` to `new`; `None` for what is no text.
pub fn count(old: &[u8], new: &[u8]) -> Option<(usize, usize)> {
    let (_, added, removed) = patch(old, new)?.line_stats().ok()?;
    Some((added, removed))
}

/// The difference as a patch of this file; `None` for what is no text.
pub fn text(path: &[u8], old: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    if is_binary(old) || is_binary(new) {
        return None;
    }
    let path = Some(path_from_bytes(path));
    let mut patch = Patch::from_buffers(old, path.as_deref(), new, path.as_deref(), None).ok()?;
    Some(patch.to_buf().ok()?.to_vec())
}

/// The lines that differ, with three around them; `None` for what is no text.
pub fn lines(old: &[u8], new: &[u8]) -> Option<Vec<DiffLine>> {
    let mut patch = patch(old, new)?;
    let mut lines = Vec::new();
    // Collected by the callback: the patch's own accessors copy each hunk's lines one at a time.
    patch
        .print(&mut |_, _, line| {
            let text = line.content().strip_suffix(b"\n").unwrap_or(line.content()).to_vec();
            match line.origin_value() {
                DiffLineType::HunkHeader => lines.push(DiffLine::Place(text)),
                DiffLineType::Context => lines.push(DiffLine::Same(text)),
                DiffLineType::Addition => lines.push(DiffLine::Added(text)),
                DiffLineType::Deletion => lines.push(DiffLine::Removed(text)),
                _ => {}
            }
            true
        })
        .ok()?;
    Some(lines)
}

fn patch<'a>(old: &'a [u8], new: &'a [u8]) -> Option<Patch<'a>> {
    if is_binary(old) || is_binary(new) {
        return None;
    }
    Patch::from_buffers(old, None, new, None, None).ok()
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(8000).any(|&b| b == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_says_which_text_has_it() {
        let lines = lines(b"one\ntwo\n", b"one\nthree\nfour").unwrap();
        let wanted = [
            DiffLine::Place(b"@@ -1,2 +1,3 @@".to_vec()),
            DiffLine::Same(b"one".to_vec()),
            DiffLine::Removed(b"two".to_vec()),
            DiffLine::Added(b"three".to_vec()),
            DiffLine::Added(b"four".to_vec()),
        ];
        assert_eq!(lines, wanted);
        assert_eq!(count(b"one\ntwo\n", b"one\nthree\nfour"), Some((2, 1)));
    }

    #[test]
    fn what_is_no_text_has_no_lines() {
        assert_eq!((lines(b"\0", b"a\n"), count(b"a", b"\0")), (None, None));
        assert_eq!(lines(b"a\n", b"a\n"), Some(Vec::new()));
    }
}
