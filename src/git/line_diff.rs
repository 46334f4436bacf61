//! How many lines two texts differ in.

use git2::Patch;

/// Lines added and removed on the way from `old` to `new`; `None` for what is no text.
pub fn count(old: &[u8], new: &[u8]) -> Option<(usize, usize)> {
    let is_binary = |bytes: &[u8]| bytes.iter().take(8000).any(|&b| b == 0);
    if is_binary(old) || is_binary(new) {
        return None;
    }
    let patch = Patch::from_buffers(old, None, new, None, None).ok()?;
    let (_, added, removed) = patch.line_stats().ok()?;
    Some((added, removed))
}
