//! Which paths Git refuses in a tree (read-cache.c, `verify_path`; path.c, `is_ntfs_dotgit`; utf8.c,
//! `is_hfs_dotgit`): on every system what any system refuses, so that a vault can be taken to another.
//!
//! git-bak leaves them out by itself: `fast-import` takes all of a stream or nothing, and older ones of it
//! take names that they should not.

/// Whether a tree can't have this path.
pub(super) fn is_refused(path: &[u8]) -> bool {
    path.contains(&0) || path.split(|&byte| byte == b'/').any(is_refused_name)
}

fn is_refused_name(name: &[u8]) -> bool {
    matches!(name, b"" | b"." | b"..") || is_ntfs_dotgit(name) || is_hfs_dotgit(name)
}

/// `.git` or its short name, with what NTFS passes over behind it: blanks, dots, a stream's name.
fn is_ntfs_dotgit(name: &[u8]) -> bool {
    let begins =
        |word: &[u8]| name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let rest = match () {
        () if begins(b".git") => &name[4..],
        () if begins(b"git~1") => &name[5..],
        () => return false,
    };
    let end = rest.iter().position(|&byte| !matches!(byte, b'.' | b' '));
    end.is_none_or(|at| matches!(rest[at], b'\\' | b':'))
}

/// `.git` with what HFS+ passes over in it.
fn is_hfs_dotgit(name: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(name) else { return false };
    let seen = text.chars().filter(|letter| !is_ignored_by_hfs(*letter));
    seen.collect::<String>().eq_ignore_ascii_case(".git")
}

fn is_ignored_by_hfs(letter: char) -> bool {
    matches!(letter, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::is_refused;

    #[test]
    fn what_leads_into_a_git_directory_anywhere_is_refused() {
        let refused: [&[u8]; 18] = [
            b"",
            b"/a",
            b"a/",
            b"a//b",
            b"./x",
            b"a/../b",
            b".git",
            b".GIT/x",
            b"a/.Git/config",
            b"git~1",
            b"GIT~1/x",
            b".git.",
            b".git . /x",
            b".git::$INDEX_ALLOCATION/x",
            b".git\\x",
            b"a\0b",
            ".g\u{200c}it/x".as_bytes(),
            "\u{feff}.git".as_bytes(),
        ];
        for path in refused {
            assert!(is_refused(path), "{:?}", String::from_utf8_lossy(path));
        }
    }

    #[test]
    fn other_names_are_taken() {
        for path in [
            &b"a"[..],
            b".gitignore",
            b".git2",
            b"git~10",
            b"a.git",
            b".github/x",
            b"\xff",
            b"a\nb",
            b"a:b",
            b"a\\b",
            b"...",
            b"git",
        ] {
            assert!(!is_refused(path), "{:?}", String::from_utf8_lossy(path));
        }
    }
}
