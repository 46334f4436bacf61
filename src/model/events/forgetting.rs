//! Which versions of files to forget, by path, content and age.

use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forgetting {
    /// Which; each names versions by itself.
    pub of: Vec<ToForget>,
    pub before: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToForget {
    /// Every version of this file, or of every file below this folder.
    Below(RepoPath),
    /// One content (a blob id in hex) of one file, in whatever snapshots and backups it is.
    Content(RepoPath, String),
}

impl Forgetting {
    /// Whether it names the version of `path` with the content `blob`, made at `time`.
    pub fn names(&self, path: &RepoPath, blob: &str, time: Timestamp) -> bool {
        self.before.is_none_or(|before| time < before)
            && self.of.iter().any(|one| one.names(path, blob))
    }

    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        self.of.iter().map(|one| match one {
            ToForget::Below(path) | ToForget::Content(path, _) => path,
        })
    }

    /// Whether it may name versions of `path`.
    pub fn touches(&self, path: &RepoPath) -> bool {
        self.of.iter().any(|one| match one {
            ToForget::Below(folder) => is_below(path, folder),
            ToForget::Content(file, _) => file == path,
        })
    }
}

impl ToForget {
    fn names(&self, path: &RepoPath, blob: &str) -> bool {
        match self {
            Self::Below(folder) => is_below(path, folder),
            Self::Content(file, content) => file == path && content == blob,
        }
    }
}

fn is_below(path: &RepoPath, folder: &RepoPath) -> bool {
    let rest = path.as_bytes().strip_prefix(folder.as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        text.parse().unwrap()
    }

    #[test]
    fn a_path_names_every_version_of_it_and_below_it_and_no_other() {
        let time: Timestamp = "20251106_201045".parse().unwrap();
        let all = Forgetting { of: vec![ToForget::Below(path("a/b"))], before: None };
        for (file, named) in [("a/b", true), ("a/b/c", true), ("a/bc", false), ("a", false)] {
            assert_eq!(all.names(&path(file), "ab", time), named, "{file}");
            assert_eq!(all.touches(&path(file)), named, "{file}");
        }
        let old = Forgetting { before: Some(time), ..all };
        assert!(!old.names(&path("a/b"), "ab", time));
        assert!(old.names(&path("a/b"), "ab", "20251106_201044".parse().unwrap()));
    }

    #[test]
    fn a_content_is_one_file_s() {
        let time: Timestamp = "20251106_201045".parse().unwrap();
        let one = ToForget::Content(path("a"), "ab".to_owned());
        let one = Forgetting { of: vec![one], before: None };
        assert!(one.names(&path("a"), "ab", time));
        assert!(!one.names(&path("a"), "cd", time) && !one.names(&path("b"), "ab", time));
        assert!(one.touches(&path("a")) && !one.touches(&path("a/b")));
    }
}
