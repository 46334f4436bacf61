//! Files at risk: work that a commit, a hook or a careless command could lose.

use crate::model::names::repo_path::RepoPath;

/// What a survey of the working tree found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    pub files: Vec<AtRisk>,
    /// Why Git could not say exactly which files they are, if it couldn't: these may be too many.
    pub doubt: Option<String>,
    /// The tracked files in whose place there is no regular file, as far as Git was asked: something else may be there.
    pub gone: Vec<RepoPath>,
    /// Files are unmerged: Git makes no commit of such an index.
    pub is_unmerged: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtRisk {
    pub path: RepoPath,
    /// The staged version (mode and blob id in hex), if one is staged that HEAD lacks.
    pub staged: Option<(Mode, String)>,
    /// How the working tree's file stands to the index.
    pub state: FileState,
    /// HEAD has no file of this name.
    pub added: bool,
    /// How many bytes the file has, where its stat data alone says that it is as staged: Git has had these
    /// very bytes through its filters.
    pub size: Option<u64>,
}

/// How the working tree's file stands to the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// The same, as Git compares them (filters applied).
    AsStaged,
    /// A regular file with other content.
    Edited,
    /// No regular file any more: removed, or a link or folder now.
    Gone,
    Untracked,
}

/// The modes Git knows for regular files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// 100644
    Regular,
    /// 100755
    Executable,
}

impl Mode {
    /// The mode that Git prints in octal; `None` for links, submodules and what is no file.
    pub fn parse(octal: &[u8]) -> Option<Self> {
        match octal {
            b"100644" | b"100664" => Some(Self::Regular),
            b"100755" => Some(Self::Executable),
            _ => None,
        }
    }

    /// Permission bits for a file of which nothing else is known: for its owner alone.
    pub fn permissions(self) -> u32 {
        match self {
            Self::Regular => 0o600,
            Self::Executable => 0o700,
        }
    }

    /// The number that stands in a Git tree.
    pub fn in_tree(self) -> i32 {
        match self {
            Self::Regular => 0o100_644,
            Self::Executable => 0o100_755,
        }
    }
}
