//! A path relative to the top of the working tree, as `git ls-files -z` prints it.

use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Error, Result, ensure};

use super::quote::quote;

/// A path of one or more names parted by `/`, as bytes; it leads nowhere outside the working tree
/// and nowhere into a Git directory.
///
/// So a path can be joined to the top and written to, wherever it came from: the index, the vault,
/// a patch. Ordered by bytes, as Git's index is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Vec<u8>);

impl RepoPath {
    /// Takes a path as Git has it.
    ///
    /// # Errors
    /// When it is empty, starts or ends with `/`, contains NUL, or has a component that is empty,
    /// `.`, `..` or, in any case of letters, `.git`. On Windows also for names that Windows would
    /// take for others. The error names the path.
    pub fn from_bytes(path: Vec<u8>) -> Result<Self> {
        // An empty path, and a slash at either end, have an empty component.
        let refused = path.split(|&byte| byte == b'/').find_map(refusal);
        if let Some(reason) = refused {
            return Err(Error::msg(reason)).with_context(|| named(&path));
        }
        Ok(Self(path))
    }

    /// Takes a relative path of this system.
    ///
    /// # Errors
    /// As [`RepoPath::from_bytes`]; outside Unix also when the path isn't Unicode.
    pub fn from_path(path: &Path) -> Result<Self> {
        Self::from_bytes(path_to_bytes(path)?)
    }

    /// The path as Git has it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn file_name(&self) -> &[u8] {
        self.split_name().1
    }

    /// The path of the folder it lies in; `None` for what lies at the top.
    pub fn parent(&self) -> Option<Self> {
        self.split_name().0.map(|folder| Self(folder.to_vec()))
    }

    /// Whether both lie in the same folder.
    pub fn is_beside(&self, other: &Self) -> bool {
        let start = self.0.len() - self.file_name().len();
        let rest = other.0.strip_prefix(&self.0[..start]);
        rest.is_some_and(|rest| !rest.contains(&b'/'))
    }

    /// The names on the way to it, from the top; none for what lies at the top.
    pub fn parent_components(&self) -> impl Iterator<Item = &[u8]> {
        let folder = self.split_name().0;
        folder.into_iter().flat_map(components)
    }

    /// All its names, from the top; at least one.
    pub fn components(&self) -> impl Iterator<Item = &[u8]> {
        components(&self.0)
    }

    /// The path of another file in the same folder.
    ///
    /// # Errors
    /// When `name` isn't a single name that [`RepoPath::from_bytes`] takes.
    pub fn with_file_name(&self, name: &[u8]) -> Result<Self> {
        ensure!(!name.contains(&b'/'), "not a file name: {}", quote(name, true));
        let path = match self.split_name().0 {
            Some(folder) => [folder, b"/", name].concat(),
            None => name.to_vec(),
        };
        Self::from_bytes(path)
    }

    /// The path of what has this name in a folder, or at the top; `None` where Git can't have it.
    pub fn below(folder: Option<&Self>, name: &[u8]) -> Option<Self> {
        let path = match folder {
            Some(folder) => [folder.as_bytes(), b"/", name].concat(),
            None => name.to_vec(),
        };
        Self::from_bytes(path).ok()
    }

    /// The path as one types it in a folder, which is relative to the top: `../a`.
    pub fn seen_from(&self, folder: &[u8]) -> Vec<u8> {
        seen_from(&self.0, folder)
    }

    /// The path for this system's calls, still relative to the top. Outside Unix lossy where it
    /// isn't UTF-8, which can't be a file's name there.
    pub fn to_path_buf(&self) -> PathBuf {
        bytes_to_path(&self.0)
    }

    /// The folder, if any, and the last component.
    fn split_name(&self) -> (Option<&[u8]>, &[u8]) {
        match self.0.iter().rposition(|&byte| byte == b'/') {
            Some(slash) => (Some(&self.0[..slash]), &self.0[slash + 1..]),
            None => (None, &self.0),
        }
    }
}

/// The one at `path` among those left, which are in the order of their paths as those asked for are: the ones before it
/// go.
pub fn next_at<T>(
    left: &mut Peekable<impl Iterator<Item = T>>,
    of: impl Fn(&T) -> &RepoPath,
    path: &RepoPath,
) -> Option<T> {
    while left.next_if(|it| of(it) < path).is_some() {}
    left.next_if(|it| of(it) == path)
}

/// [`RepoPath::seen_from`] of what lies below the top and is no path of the working tree (`.git/bak/files/a`).
pub fn seen_from(path: &[u8], folder: &[u8]) -> Vec<u8> {
    let folders: Vec<&[u8]> = components(folder).filter(|name| !name.is_empty()).collect();
    let above = components(path).zip(&folders).take_while(|(a, b)| a == *b).count();
    let shared = above.min(components(path).count() - 1);
    let mut names = vec![&b".."[..]; folders.len() - shared];
    names.extend(components(path).skip(shared));
    names.join(&b'/')
}

impl FromStr for RepoPath {
    type Err = Error;

    /// As [`RepoPath::from_bytes`].
    fn from_str(path: &str) -> Result<Self> {
        Self::from_bytes(path.as_bytes().to_vec())
    }
}

/// How an error begins that is about a path.
fn named(path: &[u8]) -> String {
    format!("not a path inside the working tree: {}", quote(path, true))
}

fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/')
}

/// Why a path may not have this component; `None` if it may.
fn refusal(component: &[u8]) -> Option<&'static str> {
    match component {
        b"" => Some("a part of it is empty"),
        b"." | b".." => Some("it has . or .. in it"),
        _ if component.contains(&0) => Some("it has a NUL in it"),
        _ if component.eq_ignore_ascii_case(b".git") => Some("it leads into a Git directory"),
        _ if cfg!(windows) && is_other_on_windows(component) => {
            Some("Windows would take it for another")
        }
        _ => None,
    }
}

/// Whether Windows takes this one name for something else: `\` parts names there, `:` names a
/// drive or a stream, and dots and blanks at the end are dropped, which may leave `.git` or `..`.
/// `git~1` is the short name of `.git`. Git for Windows refuses the same.
fn is_other_on_windows(component: &[u8]) -> bool {
    component.iter().any(|byte| matches!(byte, b'\\' | b':'))
        || component.ends_with(b".")
        || component.ends_with(b" ")
        || component.eq_ignore_ascii_case(b"git~1")
}

#[cfg(unix)]
fn bytes_to_path(path: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(path).into()
}

#[cfg(not(unix))]
fn bytes_to_path(path: &[u8]) -> PathBuf {
    String::from_utf8_lossy(path).into_owned().into()
}

#[cfg(unix)]
fn path_to_bytes(path: &Path) -> Result<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt;
    Ok(path.as_os_str().as_bytes().to_vec())
}

#[cfg(not(unix))]
fn path_to_bytes(path: &Path) -> Result<Vec<u8>> {
    let text = path.to_str().with_context(|| format!("not Unicode: {}", path.display()))?;
    Ok(text.replace(std::path::MAIN_SEPARATOR, "/").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_seen_from_the_folder_one_is_in() {
        for (path, folder, seen) in [
            ("a", "", "a"),
            ("x/y/f", "x/y/", "f"),
            ("x/y/f", "x", "y/f"),
            ("x/f", "x/y/z", "../../f"),
            ("xy/f", "x", "../xy/f"),
            ("x", "x/y", "../../x"),
        ] {
            let path: RepoPath = path.parse().unwrap();
            assert_eq!(
                path.seen_from(folder.as_bytes()),
                seen.as_bytes(),
                "{path:?} from {folder}"
            );
        }
    }

    fn path(text: &str) -> RepoPath {
        text.parse().unwrap()
    }

    #[test]
    fn paths_are_taken_as_they_are() {
        let taken: [&[u8]; 9] = [
            b"a",
            b"dir/a.txt",
            b"a b/\nc",
            b".github/x",
            b".gitignore",
            b"a.git/x",
            b"-a",
            b"~",
            b"\xff\xfe/x",
        ];
        for bytes in taken {
            let path = RepoPath::from_bytes(bytes.to_vec()).unwrap();
            assert_eq!(path.as_bytes(), bytes);
        }
    }

    #[test]
    fn paths_that_lead_astray_are_refused() {
        let refused: [(&[u8], &str); 17] = [
            (b"", "empty"),
            (b"/", "the root"),
            (b"/a", "absolute"),
            (b"a/", "a slash behind"),
            (b"a//b", "an empty component"),
            (b".", "the top itself"),
            (b"./a", "a dot"),
            (b"a/./b", "a dot within"),
            (b"..", "the folder above"),
            (b"../a", "above the top"),
            (b"a/../../b", "above the top by a detour"),
            (b"a/..", "two dots behind"),
            (b"a\0b", "a NUL"),
            (b".git", "the Git directory"),
            (b".git/hooks/pre-commit", "inside it"),
            (b"sub/.GIT/config", "a nested one in capitals"),
            (b"a/.Git", "one in mixed case"),
        ];
        for (bytes, why) in refused {
            assert!(RepoPath::from_bytes(bytes.to_vec()).is_err(), "{why}");
        }
    }

    #[test]
    fn the_error_names_path_and_reason() {
        let error = "a/../b\n".parse::<RepoPath>().unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            r#"not a path inside the working tree: "a/../b\n": it has . or .. in it"#
        );
    }

    #[test]
    fn a_path_is_taken_apart() {
        let path = path("a/b/c.txt");
        assert_eq!(path.file_name(), b"c.txt");
        assert_eq!(path.parent().unwrap().as_bytes(), b"a/b");
        assert_eq!(path.parent_components().collect::<Vec<_>>(), [b"a", b"b"]);
        assert_eq!(path.components().count(), 3);
    }

    #[test]
    fn what_lies_at_the_top_has_no_parent() {
        let path = path("c.txt");
        assert_eq!(path.file_name(), b"c.txt");
        assert_eq!(path.parent(), None);
        assert_eq!(path.parent_components().count(), 0);
        assert_eq!(path.components().collect::<Vec<_>>(), [b"c.txt"]);
    }

    #[test]
    fn another_name_keeps_the_folder() {
        assert_eq!(path("a/b").with_file_name(b"c").unwrap(), path("a/c"));
        assert_eq!(path("b").with_file_name(b"c").unwrap(), path("c"));
        assert_eq!(path("a/b").with_file_name(b"\xff").unwrap().as_bytes(), b"a/\xff");
    }

    #[test]
    fn another_name_can_not_lead_astray() {
        for name in ["", ".", "..", "x/y", "/", ".git", ".GIT", "x\0"] {
            assert!(path("a/b").with_file_name(name.as_bytes()).is_err(), "{name:?}");
            assert!(path("b").with_file_name(name.as_bytes()).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_path_of_the_system_goes_both_ways() {
        let path = path("a/ä/c");
        assert_eq!(RepoPath::from_path(&path.to_path_buf()).unwrap(), path);
        assert!(RepoPath::from_path(Path::new("/etc/passwd")).is_err());
        assert!(RepoPath::from_path(Path::new("a/../b")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_utf8_survive_the_way_through_the_system() {
        let path = RepoPath::from_bytes(b"a/\xff".to_vec()).unwrap();
        assert_eq!(RepoPath::from_path(&path.to_path_buf()).unwrap(), path);
    }

    #[test]
    fn names_that_windows_takes_for_others_are_known() {
        let others: [&[u8]; 7] = [b"a\\b", b"c:x", b".git.", b"...", b".. ", b"GIT~1", b"a::$DATA"];
        for name in others {
            assert!(is_other_on_windows(name));
            assert_eq!(RepoPath::from_bytes(name.to_vec()).is_err(), cfg!(windows));
        }
        assert!(!is_other_on_windows(b"a.txt"));
    }

    #[test]
    fn paths_are_ordered_by_bytes() {
        assert!(path("a-b") < path("a/b"));
        assert!(path("a/b") < path("ab"));
    }
}
