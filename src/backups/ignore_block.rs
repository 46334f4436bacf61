//! The ignore block: the lines in the shared `info/exclude` by which backups are born ignored.
//!
//! It stands there before the first backup is written, so there is no moment in which `git add -A`
//! could take one. The file is replaced in one step; what others wrote into it stays.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::git::repository::Repository;
use crate::model::names::backup_name::IGNORE_PATTERNS;
use crate::model::settings::sharing::Sharing;
use crate::os::sharing::adjust_folder;

const BEGIN: &str =
    "# >>> git-bak: backups are not staged; 'git bak uninstall' removes these lines";
const END: &str = "# <<< git-bak";

/// Makes sure that the block is there and is ours as it should be.
pub fn ensure(repository: &Repository) -> Result<()> {
    ensure_in(&file_of(repository), repository.sharing)
}

/// Whether the block stands there as it should.
pub fn stands(repository: &Repository) -> Result<bool> {
    let text = read(&file_of(repository))?;
    Ok(with_block(&text) == text)
}

/// The same for any file of excludes.
pub fn ensure_in(file: &Path, sharing: Sharing) -> Result<()> {
    let old = read(file)?;
    let new = with_block(&old);
    if old == new {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    adjust_folder(folder, sharing);
    replace(file, &new).with_context(|| format!("{} can't be written", file.display()))
}

/// Takes the block out; whether there was one.
pub fn remove(repository: &Repository) -> Result<bool> {
    remove_from(&file_of(repository))
}

/// The same for any file of excludes.
pub fn remove_from(file: &Path) -> Result<bool> {
    let old = read(file)?;
    let new = without_block(&old);
    if old == new {
        return Ok(false);
    }
    replace(file, &new).with_context(|| format!("{} can't be written", file.display()))?;
    Ok(true)
}

fn file_of(repository: &Repository) -> PathBuf {
    repository.common_dir.join("info").join("exclude")
}

fn read(file: &Path) -> Result<Vec<u8>> {
    match std::fs::read(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("{} can't be read", file.display())),
    }
}

/// The text with the block in it once: where it was, or at the end.
fn with_block(text: &[u8]) -> Vec<u8> {
    let block = format!("{BEGIN}\n{}\n{END}\n", IGNORE_PATTERNS.join("\n"));
    if let Some((before, after)) = around_block(text) {
        return [before, block.as_bytes(), after].concat();
    }
    let newline: &[u8] = if text.is_empty() || text.ends_with(b"\n") { b"" } else { b"\n" };
    [text, newline, block.as_bytes()].concat()
}

fn without_block(text: &[u8]) -> Vec<u8> {
    around_block(text).map_or(text.to_vec(), |(before, after)| [before, after].concat())
}

/// What stands before and after the block. A beginning without an end is a block of one line: nothing
/// of the user's is taken for ours.
fn around_block(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let begin = find_line(text, BEGIN.as_bytes())?;
    let after_begin = end_of_line(text, begin);
    let rest = &text[after_begin..];
    let end = find_line(rest, END.as_bytes()).map_or(0, |at| end_of_line(rest, at));
    Some((&text[..begin], &rest[end..]))
}

fn find_line(text: &[u8], line: &[u8]) -> Option<usize> {
    let mut at = 0;
    for candidate in text.split_inclusive(|&b| b == b'\n') {
        if candidate.trim_ascii_end() == line {
            return Some(at);
        }
        at += candidate.len();
    }
    None
}

fn end_of_line(text: &[u8], from: usize) -> usize {
    text[from..].iter().position(|&b| b == b'\n').map_or(text.len(), |at| from + at + 1)
}

/// Replaces the file in one step, with the permissions it had (a new one: those that Git's would have).
fn replace(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // A link (some people keep their excludes elsewhere) is written through, not replaced.
    let file = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".exclude-");
    #[cfg(unix)]
    let usual = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(usual);
    let mut new =
        builder.tempfile_in(folder).map_err(|error| std::io::Error::from(error.kind()))?;
    new.write_all(bytes)?;
    if let Ok(old) = std::fs::metadata(&file) {
        new.as_file().set_permissions(old.permissions())?;
    }
    new.persist(&file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> Vec<u8> {
        with_block(b"")
    }

    #[test]
    fn the_block_is_added_once() {
        let once = with_block(b"*.o");
        assert!(once.starts_with(b"*.o\n# >>> git-bak"));
        assert_eq!(with_block(&once), once);
    }

    #[test]
    fn removing_the_block_gives_back_what_was_there() {
        for text in [&b""[..], b"*.o\n", b"a\nb\n"] {
            assert_eq!(without_block(&with_block(text)), text);
        }
    }

    #[test]
    fn an_edited_block_is_mended_in_its_place() {
        let edited = [b"a\n", BEGIN.as_bytes(), b"\n*.bak\n", END.as_bytes(), b"\nb\n"].concat();
        assert_eq!(with_block(&edited), [b"a\n", &block()[..], b"b\n"].concat());
    }

    #[test]
    fn a_block_without_its_end_takes_nothing_of_the_users_with_it() {
        let cut = [BEGIN.as_bytes(), b"\n*.o\n"].concat();
        assert_eq!(without_block(&cut), b"*.o\n");
    }
}
