//! Refs kept as files (gitrepository-layout(5), "refs", "packed-refs"): the few that a hook needs, read
//! without opening the repository around them.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::git::object_format::ObjectFormat;
use crate::git::objects::Oid;

/// How many symbolic refs may lead to one another (`SYMREF_MAXDEPTH` in Git's refs-internal.h).
const DEEPEST: usize = 5;

/// The refs of one working tree.
pub(super) struct RefFiles {
    pub git_dir: PathBuf,
    pub common_dir: PathBuf,
    pub format: ObjectFormat,
}

impl RefFiles {
    /// The object that `name` names at the end; `None` if there is no such ref.
    pub fn read(&self, name: &str) -> Result<Option<Oid>> {
        let mut name = name.to_owned();
        for _ in 0..DEEPEST {
            let path = self.path_of(&name);
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if is_absent(&error) && path.is_symlink() => match path.read_link() {
                    // The older form of a symbolic ref: a link, here to a ref that is packed or not born.
                    Ok(link) => format!("ref:{}", link.to_string_lossy()),
                    Err(error) => {
                        return Err(error).with_context(|| format!("{name} can't be read"));
                    }
                },
                // A folder may stand there that an older branch has left empty; HEAD is always there.
                Err(error) if is_absent(&error) || is_folder(&path) => match name.as_str() {
                    "HEAD" => return Err(error).context("HEAD can't be read"),
                    _ => return self.packed(&name),
                },
                Err(error) => return Err(error).with_context(|| format!("{name} can't be read")),
            };
            match text.strip_prefix("ref:") {
                Some(next) => next.trim().clone_into(&mut name),
                None => return self.parse(&name, text.trim_end()).map(Some),
            }
            if !is_plain(&name) {
                bail!("'{name}' is no name of a ref");
            }
        }
        bail!("{name} leads to too many others")
    }

    /// Each working tree has its own HEAD; what is below `refs/heads` and `refs/bak` belongs to all of them.
    fn path_of(&self, name: &str) -> PathBuf {
        let folder = if name.starts_with("refs/") { &self.common_dir } else { &self.git_dir };
        folder.join(name)
    }

    fn packed(&self, name: &str) -> Result<Option<Oid>> {
        let text = match std::fs::read(self.common_dir.join("packed-refs")) {
            Ok(text) => text,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error).context("packed-refs can't be read"),
        };
        let mut lines = text.split(|&byte| byte == b'\n');
        let hex = lines.find_map(|line| {
            let at = line.iter().position(|&byte| byte == b' ')?;
            (&line[at + 1..] == name.as_bytes()).then(|| String::from_utf8_lossy(&line[..at]))
        });
        hex.map(|hex| self.parse(name, &hex)).transpose()
    }

    fn parse(&self, name: &str, hex: &str) -> Result<Oid> {
        let whole = hex.len() == self.format.hex_len();
        let id = whole.then(|| Oid::from_str_ext(hex, self.format.of_git2()).ok()).flatten();
        id.with_context(|| format!("{name} names no object"))
    }
}

/// Not below `refs/bisect`, `refs/worktree` or `refs/rewritten`, which each working tree has for itself, and
/// not out of the folder.
fn is_plain(name: &str) -> bool {
    let own = ["refs/bisect/", "refs/worktree/", "refs/rewritten/"];
    name.starts_with("refs/")
        && !own.iter().any(|folder| name.starts_with(folder))
        && !name.split('/').any(|step| step.is_empty() || step.starts_with('.'))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
}

/// Windows says of a folder that is read like a file only that this is not permitted.
fn is_folder(path: &Path) -> bool {
    cfg!(windows) && path.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    /// A Git directory with these files.
    fn refs(files: &[(&str, &str)]) -> (tempfile::TempDir, RefFiles) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let dir = folder.path().to_owned();
        let format = ObjectFormat::Sha1;
        (folder, RefFiles { git_dir: dir.clone(), common_dir: dir, format })
    }

    fn id(hex: &str) -> Oid {
        Oid::from_str(hex).unwrap()
    }

    #[test]
    fn a_symbolic_ref_leads_to_a_file_or_a_packed_ref() {
        let packed =
            format!("# pack-refs with: peeled\n{B} refs/heads/x\n^{A}\n{A} refs/heads/main\n");
        let head = ("HEAD", "ref: refs/heads/main\n");
        let (_folder, loose) = refs(&[head, ("refs/heads/main", B), ("packed-refs", &packed)]);
        assert_eq!(loose.read("HEAD").unwrap(), Some(id(B)));
        let (_folder, packed) = refs(&[head, ("packed-refs", &packed)]);
        assert_eq!(packed.read("HEAD").unwrap(), Some(id(A)));
    }

    #[test]
    fn a_branch_that_is_not_born_names_nothing() {
        let (folder, unborn) = refs(&[("HEAD", "ref: refs/heads/main\n")]);
        assert_eq!(unborn.read("HEAD").unwrap(), None);
        // Git leaves empty folders behind.
        std::fs::create_dir_all(folder.path().join("refs/heads/main/x")).unwrap();
        assert_eq!(unborn.read("HEAD").unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn head_may_be_a_link_to_a_packed_ref() {
        let packed = format!("{A} refs/heads/main\n");
        let (folder, refs) = refs(&[("packed-refs", &packed)]);
        std::os::unix::fs::symlink("refs/heads/main", folder.path().join("HEAD")).unwrap();
        assert_eq!(refs.read("HEAD").unwrap(), Some(id(A)));
    }

    #[test]
    fn what_is_no_ref_is_an_error() {
        for text in ["", "\n", "garbage\n", "ref:\n", "ref: ../config\n", "ref: HEAD\n", "aaaa\n"] {
            assert!(refs(&[("HEAD", text)]).1.read("HEAD").is_err(), "{text:?}");
        }
        assert!(refs(&[]).1.read("HEAD").is_err());
        let around = [("HEAD", "ref: refs/heads/a\n"), ("refs/heads/a", "ref: refs/heads/a\n")];
        assert!(refs(&around).1.read("HEAD").is_err());
    }
}
