//! What can be told of a patch from its text alone. Git reads patches; this finds the line to point at,
//! the names that must not be written to, and a title.

use crate::model::names::quote::quote;

/// The lines that name files (git-diff, "GENERATING PATCH TEXT WITH -P").
const NAMING: [&[u8]; 7] =
    [b"diff --git ", b"--- ", b"+++ ", b"rename from ", b"rename to ", b"copy from ", b"copy to "];

/// The number of the first line of `patch` that names `path`, if there is one.
pub fn line_naming(patch: &[u8], path: &[u8]) -> Option<usize> {
    let quoted = quote(path, true);
    let quoted = quoted.trim_matches('"').as_bytes();
    let names = |line: &[u8]| {
        NAMING.iter().any(|start| line.starts_with(start))
            && (contains(line, path) || contains(line, quoted))
    };
    patch.split(|&byte| byte == b'\n').position(names).map(|at| at + 1)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}

/// Whether some file system takes a name on this path for `.git`: in another case, with dots, blanks or
/// a stream behind it, by its short name, behind a backslash (Windows), or with characters in it that
/// aren't seen (HFS+). The same that Git refuses under `core.protectNTFS` and `core.protectHFS`.
pub fn leads_into_git_dir(path: &[u8]) -> bool {
    path.split(|byte| matches!(byte, b'/' | b'\\')).any(|name| {
        let seen = without_unseen(name);
        let main = seen.split(|&byte| byte == b':').next().unwrap_or_default();
        let main = main.trim_ascii_end();
        let end = main.iter().rposition(|byte| !matches!(byte, b'.' | b' ')).map_or(0, |at| at + 1);
        let main = main.get(..end).unwrap_or_default();
        main.eq_ignore_ascii_case(b".git") || main.eq_ignore_ascii_case(b"git~1")
    })
}

/// The name as HFS+ compares it: without the characters that it ignores (Git's `next_hfs_char`).
fn without_unseen(name: &[u8]) -> Vec<u8> {
    let mut seen = Vec::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            let unseen = matches!(character,
                '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
            if !unseen {
                seen.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        seen.extend(chunk.invalid());
    }
    seen
}

/// The subject of the first mail in a file that `git format-patch` has written, without what stands in
/// brackets before it; `None` for other patches, and for subjects that are encoded.
pub fn subject(patch: &[u8]) -> Option<String> {
    if !patch.starts_with(b"From ") {
        return None;
    }
    let mut lines = patch.split(|&byte| byte == b'\n').take_while(|line| !line.is_empty());
    let first = lines.find_map(|line| line.strip_prefix(b"Subject: "))?;
    let mut text = String::from_utf8_lossy(first).into_owned();
    // A long one goes on in lines that begin with a blank (RFC 5322, 2.2.3).
    for more in lines.take_while(|line| line.starts_with(b" ")) {
        text += &String::from_utf8_lossy(more);
    }
    let mut rest = text.trim();
    while let Some(end) = rest.strip_prefix('[').and_then(|inner| inner.find(']')) {
        rest = rest.get(end + 2..).unwrap_or_default().trim_start();
    }
    (!rest.is_empty() && !rest.contains("=?")).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_names_a_file_is_found() {
        let patch = b"From x\nabout a.txt\ndiff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n";
        assert_eq!(line_naming(patch, b"a.txt"), Some(3));
        assert_eq!(line_naming(patch, b"b.txt"), None);
        let quoted = b"--- \"a/\\303\\251\"\n";
        assert_eq!(line_naming(quoted, "é".as_bytes()), Some(1));
    }

    #[test]
    fn every_way_to_spell_the_git_directory_is_known() {
        let spelled: [&str; 14] = [
            ".git",
            ".git/config",
            "a/.GIT/x",
            ".gIt.",
            ".git ",
            ".git. . /x",
            "GIT~1/config",
            "git~1",
            ".git::$INDEX_ALLOCATION/x",
            "a\\.git\\x",
            ".g\u{200c}it/x",
            "\u{feff}.git",
            "a/.gi\u{202e}t",
            ".git:x",
        ];
        for path in spelled {
            assert!(leads_into_git_dir(path.as_bytes()), "{path:?}");
        }
        for path in [".gitignore", ".github/x", "git", "a.git", "x/.gitmodules", "git~2", "..."] {
            assert!(!leads_into_git_dir(path.as_bytes()), "{path:?}");
        }
    }

    #[test]
    fn a_mails_subject_is_its_title() {
        let mail =
            b"From abc Mon Sep 17\nFrom: A\nSubject: [PATCH v2 1/2] Do\n this\nDate: x\n\ndiff";
        assert_eq!(subject(mail).as_deref(), Some("Do this"));
        assert_eq!(subject(b"diff --git a/x b/x\nSubject: no\n"), None);
        assert_eq!(subject(b"From x\nSubject: =?UTF-8?q?=C3=A9?=\n\n"), None);
        assert_eq!(subject(b"From x\n\nSubject: in the body\n"), None);
    }
}
