//! Lines of git-bak's own at the top of a configuration file, between two markers.
//!
//! They come and go in one write of the file, under Git's own lock: an event that stood there for a moment without its
//! command would stop every Git that runs a hook. On top they are before whatever else the file has; what Git itself
//! puts into a section of ours later is the user's, and stays when ours goes.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result};

const BEGIN: &str = "# >>> git-bak: 'git bak uninstall' removes these lines";
const END: &str = "# <<< git-bak";
/// The same in a file that there wasn't before.
const END_OF_OWN: &str = "# <<< git-bak made this file";
/// Git passes over it, at the beginning alone.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One section: its header, and each key with its value.
pub struct Section {
    pub header: String,
    pub entries: Vec<(&'static str, Vec<u8>)>,
}

/// Puts these in, in place of those that were there.
pub fn put(file: &Path, sections: &[Section]) -> Result<()> {
    replace(file, |old| {
        let is_own = old.is_none_or(|text| {
            text.windows(END_OF_OWN.len()).any(|it| it == END_OF_OWN.as_bytes())
        });
        let rest = without(old.unwrap_or_default());
        let (mark, rest) = match rest.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => (BYTE_ORDER_MARK, rest),
            None => (&[][..], &rest[..]),
        };
        let end = if is_own { END_OF_OWN } else { END };
        Some([mark, BEGIN.as_bytes(), b"\n", &text(sections), end.as_bytes(), b"\n", rest].concat())
    })
}

/// Takes ours out, and a file that ours had made; whether there were any.
pub fn take_out(file: &Path) -> Result<bool> {
    let Some(old) = read(file)? else { return Ok(false) };
    if block(&old).is_none() {
        return Ok(false);
    }
    replace(file, |old| {
        let old = old.unwrap_or_default();
        let rest = without(old);
        let is_own = old.windows(END_OF_OWN.len()).any(|it| it == END_OF_OWN.as_bytes());
        (!rest.is_empty() || !is_own).then_some(rest)
    })?;
    Ok(true)
}

/// Whether ours are in it.
pub fn stands(file: &Path) -> Result<bool> {
    Ok(read(file)?.is_some_and(|text| block(&text).is_some()))
}

fn text(sections: &[Section]) -> Vec<u8> {
    let mut text = Vec::new();
    for Section { header, entries } in sections {
        text.extend(format!("[{header}]\n").into_bytes());
        for (key, value) in entries {
            text.extend(format!("\t{key} = \"").into_bytes());
            for &byte in value {
                if matches!(byte, b'"' | b'\\') {
                    text.push(b'\\');
                }
                text.push(byte);
            }
            text.extend(b"\"\n");
        }
    }
    text
}

/// Where the block begins and ends, with its markers.
fn block(text: &[u8]) -> Option<(usize, usize)> {
    let (mut at, mut begin) = (0, None);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let word = line.trim_ascii_end();
        if word.strip_prefix(BYTE_ORDER_MARK).unwrap_or(word) == BEGIN.as_bytes() {
            begin = Some(at + word.len() - BEGIN.len());
        }
        at += line.len();
        if let Some(begin) = begin
            && [END, END_OF_OWN].iter().any(|end| word == end.as_bytes())
        {
            return Some((begin, at));
        }
    }
    None
}

/// The text without our block, but with what others have put into it.
fn without(text: &[u8]) -> Vec<u8> {
    let Some((begin, end)) = block(text) else { return text.to_vec() };
    let (mut header, mut kept) = (&b""[..], Vec::new());
    for line in text[begin..end].split_inclusive(|&byte| byte == b'\n') {
        let word = line.trim_ascii();
        if word.starts_with(b"[") {
            header = line;
        } else if !word.starts_with(b"#") && !is_ours(word) {
            kept.extend_from_slice(std::mem::take(&mut header));
            kept.extend_from_slice(line);
        }
    }
    [&text[..begin], &kept, &text[end..]].concat()
}

/// Whether it is a line that we write; what is edited is the user's.
fn is_ours(line: &[u8]) -> bool {
    const KEYS: [&[u8]; 4] =
        [b"command = \"b='", b"event = \"", b"fsmonitor = \"b='", b"fsmonitorHookVersion = \"2\""];
    KEYS.iter().any(|key| line.starts_with(key))
}

fn read(file: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} can't be read", file.display())),
    }
}

/// Rewrites the file as `change` says, or removes it, while no other process may write to it.
fn replace(file: &Path, change: impl FnOnce(Option<&[u8]>) -> Option<Vec<u8>>) -> Result<()> {
    // A link (many keep their settings elsewhere) is written through, as Git does.
    let file = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let lock = PathBuf::from([file.as_os_str(), ".lock".as_ref()].join("".as_ref()));
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{} can't be made", folder.display()))?;
    }
    let writer = locked(&lock).with_context(|| format!("{} can't be written", lock.display()))?;
    let done = written(&file, &lock, writer, change);
    if done.is_err() {
        let _ = std::fs::remove_file(&lock);
    }
    done.with_context(|| format!("{} can't be written", file.display()))
}

fn written(
    file: &Path,
    lock: &Path,
    mut writer: File,
    change: impl FnOnce(Option<&[u8]>) -> Option<Vec<u8>>,
) -> Result<()> {
    let old = read(file)?;
    let Some(text) = change(old.as_deref()) else {
        std::fs::remove_file(file)?;
        return Ok(std::fs::remove_file(lock)?);
    };
    writer.write_all(&text)?;
    if let Ok(meta) = file.metadata() {
        writer.set_permissions(meta.permissions())?;
    }
    drop(writer);
    Ok(std::fs::rename(lock, file)?)
}

/// Git holds it for a moment; one that a killed Git has left stays for its user to take away.
fn locked(lock: &Path) -> std::io::Result<File> {
    let mut tries = 0;
    loop {
        match OpenOptions::new().write(true).create_new(true).open(lock) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && tries < 100 => {
                tries += 1;
                sleep(Duration::from_millis(20));
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections() -> Vec<Section> {
        let entries =
            vec![("command", b"b='/x\\y'; \"$b\"; :".to_vec()), ("event", b"pre-commit".to_vec())];
        vec![Section { header: "hook \"git-bak\"".to_owned(), entries }]
    }

    #[test]
    fn what_was_there_is_there_again_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        for text in
            ["", "[core]\n", "[core]\r\n\tx = y", "\u{feff}[user]\n\tname = x\n", "# <<< git-bak\n"]
        {
            std::fs::write(&file, text).unwrap();
            for _ in 0..2 {
                put(&file, &sections()).unwrap();
            }
            let with = std::fs::read_to_string(&file).unwrap();
            assert_eq!(with.matches(BEGIN).count(), 1, "{with}");
            assert!(stands(&file).unwrap() && take_out(&file).unwrap());
            assert!(!stands(&file).unwrap() && !take_out(&file).unwrap());
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
        std::fs::remove_file(&file).unwrap();
        put(&file, &sections()).unwrap();
        put(&file, &sections()).unwrap();
        assert!(take_out(&file).unwrap() && !file.exists());
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 0, "no lock is left");
    }

    #[test]
    fn what_others_put_between_the_markers_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        put(&file, &sections()).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let edited = text.replace("\tevent", "\tparallel = false\n\tevent");
        std::fs::write(&file, edited).unwrap();
        assert!(take_out(&file).unwrap());
        let left = std::fs::read_to_string(&file).unwrap();
        assert_eq!(left, "[hook \"git-bak\"]\n\tparallel = false\n");
    }
}
