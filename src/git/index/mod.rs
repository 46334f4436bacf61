//! Git's index file, read strictly, nothing guessed: versions 2 to 4 ("Index entry"), whole, split ("Split index") or
//! sparse ("Sparse directory entries"; all in gitformat-index(5)).
//!
//! - `index_file`: one file; `split`: two that make one index; `input`: their bytes; `latest`: the one that was read last.
//!
//! What isn't read here (a mandatory extension of a later Git, a split index whose other half isn't beside it) is no
//! error but [`None`]: Git itself has to be asked. Bytes that don't fit together are an error.
//!
//! The checksum at the end is not verified. Git doesn't verify it either when it reads the index (only
//! `git fsck` does), so what it would answer comes from the same bytes as our answer; the file is
//! replaced by a rename and never written in place, so it is never half there; and hashing all of it
//! would cost more than reading it. With `index.skipHash` there is nothing but zeros to verify.

use std::fs::{File, Metadata};
use std::ops::Range;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};
use git2::Oid;

use super::object_format::ObjectFormat;
use crate::os::bytes::Bytes;

mod index_file;
mod input;
mod latest;
mod split;

use index_file::IndexFile;
use input::{Extensions, Input, Monitored};
use split::{Split, partition_point};

pub use latest::Latest;

/// No working tree nests folders deeper than this, and such a file would only use up the stack.
pub(super) const DEEPEST: usize = 256;

/// The mode of an entry of a sparse index that stands for a whole folder. Its path ends in a slash, its id is a tree's.
const SPARSE_FOLDER: u32 = 0o040_000;

/// What an index holds. Its entries are ordered by path and then by stage.
#[derive(Debug)]
pub struct Index {
    own: IndexFile,
    split: Option<Split>,
    /// An entry may stand for a whole folder, which a sparse checkout leaves out.
    pub is_sparse: bool,
    /// The numbers of the entries whose files Git was told to look away from (see [`Entry::is_marked`]).
    pub marked: Vec<usize>,
    /// One of its entries is a side of a conflict, or has no content yet.
    pub has_unusual: bool,
    /// The trees that are known to match its entries.
    pub tree: Option<CacheTree>,
    /// When the file itself was modified: seconds since 1970 and nanoseconds.
    pub modified: (i64, u32),
    monitored: Option<Monitored>,
}

/// A path in the index, with what was known of the file when it was last found equal. The numbers are
/// those of `stat`, cut to 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Last change of its inode: seconds and nanoseconds.
    pub ctime: (u32, u32),
    pub mtime: (u32, u32),
    pub dev: u32,
    pub ino: u32,
    /// The mode, as a tree has it: 0o100644, 0o100755, 0o120000 or 0o160000, in a sparse index 0o040000.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    /// Size in bytes. 0 also says that the file may not be trusted to be the same.
    pub size: u32,
    pub id: Oid,
    /// 0, or which side of a conflict it is.
    pub stage: u8,
    /// `git update-index --assume-unchanged`.
    pub assume_valid: bool,
    /// A sparse checkout leaves it out.
    pub skip_worktree: bool,
    /// `git add --intent-to-add`.
    pub intent_to_add: bool,
    /// Where it is, relative to the top.
    pub path: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Git was told to look away from its file.
    pub fn is_marked(&self) -> bool {
        self.assume_valid || self.skip_worktree
    }

    /// The folder that it stands for, all of which a sparse checkout leaves out.
    pub fn sparse_folder(&self) -> Option<&'a [u8]> {
        self.path.strip_suffix(b"/").filter(|_| self.mode == SPARSE_FOLDER && self.skip_worktree)
    }
}

/// A folder in the extension `TREE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheTree {
    /// The folder's name without those above it; empty at the top.
    pub name: Vec<u8>,
    /// How many entries of the index lie below it; negative if entries changed since it was valid.
    pub entry_count: i32,
    /// The tree that its entries make; `None` if it isn't valid.
    pub id: Option<Oid>,
    pub children: Vec<CacheTree>,
}

impl CacheTree {
    /// The folder of that name in it, if it stands where Git puts it: by the names' lengths first
    /// (cache-tree.c, `subtree_name_cmp`). One that another program has put elsewhere is not known.
    pub fn child(&self, name: &[u8]) -> Option<&CacheTree> {
        let place = |child: &CacheTree| {
            child.name.len().cmp(&name.len()).then_with(|| child.name.as_slice().cmp(name))
        };
        self.children.get(self.children.binary_search_by(place).ok()?)
    }
}

impl Index {
    /// Reads an index file; `None` if only Git can.
    ///
    /// # Errors
    /// When the file can't be read or isn't an index of this object format.
    pub fn read(path: &Path, format: ObjectFormat) -> Result<Option<Self>> {
        let read = || {
            let mut file = File::open(path)?;
            // Of the open file: the name may lead to a newer one a moment later.
            let meta = file.metadata()?;
            let bytes = Bytes::of(&mut file, meta.len())?;
            Self::parse(bytes, format, modified(&meta), path.parent().unwrap_or(Path::new("")))
        };
        read().with_context(|| format!("the index {} can't be read", path.display()))
    }

    pub fn count(&self) -> usize {
        self.split.as_ref().map_or(self.own.count(), Split::count)
    }

    /// Entry number `at`.
    pub fn entry(&self, at: usize) -> Option<Entry<'_>> {
        self.split.as_ref().map_or_else(|| self.own.entry(at), |split| split.entry(&self.own, at))
    }

    /// The path of entry number `at`.
    pub fn path(&self, at: usize) -> Option<&[u8]> {
        self.split.as_ref().map_or_else(|| self.own.path(at), |split| split.path(&self.own, at))
    }

    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.count()).filter_map(|at| self.entry(at))
    }

    /// Where the first of the entries in `range` is for whose path `is_before` doesn't hold; it holds for all
    /// before that one.
    pub fn partition_point(&self, range: Range<usize>, is_before: impl Fn(&[u8]) -> bool) -> usize {
        partition_point(range.start, range.end, |at| self.path(at).is_some_and(&is_before))
    }

    /// Whether there is an entry for exactly this path, at any stage; `None` if it lies in a folder that is one entry.
    pub fn contains(&self, path: &[u8]) -> Option<bool> {
        let at = self.partition_point(0..self.count(), |other| other < path);
        let before = at.checked_sub(1).filter(|_| self.is_sparse).and_then(|at| self.path(at));
        let is_inside = before.is_some_and(|it| it.ends_with(b"/") && path.starts_with(it));
        (!is_inside).then(|| self.path(at) == Some(path))
    }

    /// The token of the monitor that Git asked when it wrote the index (`core.fsmonitor`), and for each entry whether
    /// its file has to be looked at even where that monitor has nothing new to say.
    pub fn monitored(&self) -> Option<(&[u8], Vec<bool>)> {
        let Monitored { token, bitmap } = self.monitored.as_ref()?;
        Some((token, Input::new(bitmap, 0).bits(self.count()).ok()?))
    }

    /// `folder`: where the other half of a split index is.
    fn parse(
        bytes: Bytes,
        format: ObjectFormat,
        modified: (i64, u32),
        folder: &Path,
    ) -> Result<Option<Self>> {
        let hash = hash_length(format);
        let Some((mut own, found)) = IndexFile::parse(bytes, hash)? else { return Ok(None) };
        let split = match found.link {
            Some(link) if !link.is_empty() => match Split::of(&own, &link, hash, folder)? {
                Some(split) => Some(split),
                None => return Ok(None),
            },
            _ if own.nameless > 0 => bail!("an entry of it has no path"),
            _ => None,
        };
        let marked = match &split {
            Some(split) => split.marked(&own),
            None => std::mem::take(&mut own.marked),
        };
        let has_unusual = split.as_ref().map_or(own.has_unusual, |split| split.has_unusual(&own));
        let Extensions { tree, is_sparse, monitored, .. } = found;
        Ok(Some(Self { own, split, is_sparse, marked, has_unusual, tree, modified, monitored }))
    }
}

/// How many bytes an id has.
fn hash_length(format: ObjectFormat) -> usize {
    match format {
        ObjectFormat::Sha1 => 20,
        ObjectFormat::Sha256 => 32,
    }
}

/// The modification time; before everything else if the system doesn't tell, which makes the index
/// older than every file in it.
fn modified(meta: &Metadata) -> (i64, u32) {
    let since = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let since = since.unwrap_or_default();
    (i64::try_from(since.as_secs()).unwrap_or(0), since.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const SHA1: ObjectFormat = ObjectFormat::Sha1;

    /// A repository of real Git, deaf to the machine's configuration.
    struct Repo(tempfile::TempDir);

    impl Repo {
        fn new(format: &str) -> Self {
            let repo = Self(tempfile::tempdir().unwrap());
            repo.git(&["init", "-q", "--object-format", format]);
            for name in ["a", "b-c", "b/c/d", "b/e", "z"] {
                let file = repo.0.path().join(name);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, name).unwrap();
            }
            repo.git(&["add", "."]);
            repo.git(&["write-tree"]);
            repo
        }

        fn git(&self, args: &[&str]) {
            let mut command = Command::new("git");
            command.args(args).current_dir(self.0.path()).env_clear();
            command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.0.path());
            command.env("GIT_CONFIG_NOSYSTEM", "1");
            assert!(command.output().unwrap().status.success(), "git {args:?}");
        }

        fn file(&self) -> std::path::PathBuf {
            self.0.path().join(".git/index")
        }

        fn index(&self, format: ObjectFormat) -> Option<Index> {
            Index::read(&self.file(), format).unwrap()
        }
    }

    fn parse(bytes: Vec<u8>, format: ObjectFormat) -> Result<Option<Index>> {
        Index::parse(Bytes::Read(bytes), format, (0, 0), Path::new("/nowhere"))
    }

    fn paths(index: &Index) -> Vec<&[u8]> {
        index.entries().map(|entry| entry.path).collect()
    }

    #[test]
    fn entries_and_trees_are_those_of_git() {
        for (name, format) in [("sha1", SHA1), ("sha256", ObjectFormat::Sha256)] {
            let repo = Repo::new(name);
            let index = repo.index(format).unwrap();
            assert_eq!(paths(&index), [&b"a"[..], b"b-c", b"b/c/d", b"b/e", b"z"]);
            let entry = index.entry(2).unwrap();
            let id = git2::Oid::hash_object_ext(git2::ObjectType::Blob, b"b/c/d", format.of_git2());
            assert_eq!((entry.id, entry.mode, entry.size), (id.unwrap(), 0o100_644, 5));
            assert!(entry.mtime.0 > 0 && entry.ino != 0 && index.modified.0 > 0);
            let tree = index.tree.as_ref().unwrap();
            assert_eq!((tree.entry_count, tree.children.len()), (5, 1));
            assert_eq!((&tree.children[0].name[..], tree.children[0].entry_count), (&b"b"[..], 2));
        }
    }

    #[test]
    fn a_folder_with_a_change_has_no_tree() {
        let repo = Repo::new("sha1");
        std::fs::write(repo.0.path().join("b/e"), "more").unwrap();
        repo.git(&["add", "b/e"]);
        let tree = repo.index(SHA1).unwrap().tree.unwrap();
        assert_eq!((tree.entry_count, tree.id), (-1, None));
        assert_eq!((tree.children[0].id, tree.children[0].children[0].entry_count), (None, 1));
    }

    #[test]
    fn only_whole_paths_are_contained() {
        let index = Repo::new("sha1").index(SHA1).unwrap();
        let has = |path: &str| index.contains(path.as_bytes()).unwrap();
        assert!(["a", "b-c", "b/c/d", "b/e", "z"].iter().all(|p| has(p)));
        assert!(["", "b", "b/", "b/c", "A", "zz"].iter().all(|p| !has(p)));
    }

    #[test]
    fn flags_are_read() {
        let repo = Repo::new("sha1");
        std::fs::write(repo.0.path().join("new"), "").unwrap();
        repo.git(&["add", "--intent-to-add", "new"]);
        repo.git(&["update-index", "--assume-unchanged", "a"]);
        repo.git(&["update-index", "--skip-worktree", "z"]);
        let index = repo.index(SHA1).unwrap();
        let flags = |e: Entry<'_>| (e.assume_valid, e.intent_to_add, e.skip_worktree);
        let flags: Vec<_> = index.entries().map(flags).collect();
        assert_eq!(index.marked, [0, 5]);
        let no = (false, false, false);
        let (new, z) = ((false, true, false), (false, false, true));
        assert_eq!(flags, [(true, false, false), no, no, no, new, z]);
    }

    #[test]
    fn a_path_too_long_for_its_length_is_read() {
        let repo = Repo::new("sha1");
        let long = vec!["x".repeat(200); 22].join("/");
        let entry = format!("100644,{},{long}", "1".repeat(40));
        repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
        assert!(repo.index(SHA1).unwrap().contains(long.as_bytes()) == Some(true));
    }

    #[test]
    fn a_split_index_whose_other_half_is_not_beside_it_is_none() {
        let repo = Repo::new("sha1");
        repo.git(&["update-index", "--split-index"]);
        assert_eq!(repo.index(SHA1).unwrap().count(), 5);
        let elsewhere = tempfile::tempdir().unwrap();
        let copy = elsewhere.path().join("index");
        std::fs::copy(repo.file(), &copy).unwrap();
        assert!(Index::read(&copy, SHA1).unwrap().is_none());
    }

    /// `index` without its checksum, with one more extension.
    fn extended(index: &[u8], name: &[u8], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&index[..index.len() - 20], name, &length, content, &[0; 20]].concat()
    }

    #[test]
    fn an_extension_nobody_knows_is_skipped_unless_it_is_mandatory() {
        let bytes = std::fs::read(Repo::new("sha1").file()).unwrap();
        let parse = |name| parse(extended(&bytes, name, b"content"), SHA1).unwrap();
        assert!(parse(b"FSMN").is_some() && parse(b"ZZZZ").is_some());
        assert!(parse(b"sdir").is_some() && parse(b"zzzz").is_none());
    }

    #[test]
    fn trees_that_make_no_sense_are_an_error() {
        let bytes = std::fs::read(Repo::new("sha1").file()).unwrap();
        let parse = |tree: &[u8]| parse(extended(&bytes, b"TREE", tree), SHA1);
        assert!(parse(b"\0-1 0\n").is_ok());
        let deep = b"\0-1 1\n".repeat(100_000);
        let senseless: [&[u8]; 8] = [
            b"",
            b"name\0-1 0\n",
            b"\0-1 0\n-",
            b"\0-1 1\n",
            b"\0 0\n",
            b"\x0099999999999 0\n",
            b"\x001 0\nshort",
            &deep,
        ];
        for tree in senseless {
            assert!(parse(tree).is_err(), "{:?}", String::from_utf8_lossy(tree).get(..20));
        }
    }

    #[test]
    fn cut_short_it_is_an_error_or_ends_between_extensions() {
        let bytes = std::fs::read(Repo::new("sha1").file()).unwrap();
        let whole = parse(bytes.clone(), SHA1).unwrap().unwrap();
        let mut read = 0;
        for length in 0..bytes.len() {
            if let Ok(Some(index)) = parse(bytes[..length].to_vec(), SHA1) {
                assert!(index.entries().eq(whole.entries()));
                assert_eq!(index.tree, None);
                read += 1;
            }
        }
        assert_eq!(read, 1, "there is one extension");
    }

    #[test]
    fn no_byte_that_is_wrong_makes_it_panic() {
        let repo = Repo::new("sha1");
        for form in ["--index-version=2", "--index-version=4", "--split-index"] {
            repo.git(&["update-index", form]);
            std::fs::write(repo.0.path().join("b/e"), form).unwrap();
            repo.git(&["add", "b/e"]);
            let bytes = std::fs::read(repo.file()).unwrap();
            for at in 0..bytes.len() {
                for wrong in [0x00, 0x01, 0x7f, 0x80, 0xff] {
                    let mut bytes = bytes.clone();
                    bytes[at] ^= wrong;
                    for format in [SHA1, ObjectFormat::Sha256] {
                        let beside = repo.file();
                        let folder = beside.parent().unwrap();
                        if let Ok(Some(index)) =
                            Index::parse(Bytes::Read(bytes.clone()), format, (0, 0), folder)
                        {
                            assert_eq!(index.entries().count(), index.count());
                        }
                    }
                }
            }
        }
    }
}
