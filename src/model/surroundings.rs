//! What is written down of a working tree before a command runs, beyond the files with uncommitted work:
//! enough to know afterwards what it was like, without a word of each of its files.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::fields::{Fields, Reader};
use crate::model::events::attempt::Stamp;
use crate::model::names::repo_path::RepoPath;

/// The kinds of what has permission bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// A file that Git has as 100644.
    Plain,
    /// A file that Git has as 100755.
    Executable,
    Folder,
}

/// Permission bits of many paths: those that most of a kind have, and the others one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    /// What most have: plain files, executable ones, folders.
    pub usual: [u32; 3],
    pub others: BTreeMap<RepoPath, u32>,
}

/// What a working tree was like before a command ran.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The branch that HEAD named (`refs/heads/…`); `None` if it named a commit.
    pub branch: Option<String>,
    /// The permission bits of tracked files, and of the folders they lie in.
    pub permissions: Permissions,
    /// The folders without any file below them.
    pub empty: Vec<RepoPath>,
    /// Files with uncommitted work that could not be saved, and their state.
    pub unsaved: Vec<(RepoPath, Stamp)>,
}

impl Permissions {
    pub fn of(all: &[(RepoPath, FileKind, u32)]) -> Self {
        let mut counts: [BTreeMap<u32, usize>; 3] = Default::default();
        for (_, kind, bits) in all {
            *counts[*kind as usize].entry(*bits).or_default() += 1;
        }
        let most = |counts: &BTreeMap<u32, usize>| {
            counts.iter().max_by_key(|(_, count)| **count).map_or(0, |(bits, _)| *bits)
        };
        let usual = [most(&counts[0]), most(&counts[1]), most(&counts[2])];
        let others = all.iter().filter(|(_, kind, bits)| usual[*kind as usize] != *bits);
        let others = others.map(|(path, _, bits)| (path.clone(), *bits)).collect();
        Self { usual, others }
    }

    /// The bits of `path`, which is of this kind and was there.
    pub fn get(&self, path: &RepoPath, kind: FileKind) -> u32 {
        let bits = self.others.get(path).copied().unwrap_or(self.usual[kind as usize]);
        // There was none of its kind: as Git would make it, for its owner alone.
        match (bits, kind) {
            (0, FileKind::Plain) if !self.others.contains_key(path) => 0o600,
            (0, _) if !self.others.contains_key(path) => 0o700,
            _ => bits,
        }
    }
}

impl Surroundings {
    /// Writes it as records of a transaction.
    pub(super) fn write(&self, out: &mut Fields) {
        if let Some(branch) = &self.branch {
            out.push("branch").push(branch);
        }
        let [plain, executable, folder] = self.permissions.usual;
        if self.permissions != Permissions::default() {
            out.push("usual").push(plain).push(executable).push(folder);
        }
        for (path, bits) in &self.permissions.others {
            out.push("permissions").bytes(path.as_bytes()).push(bits);
        }
        for path in &self.empty {
            out.push("empty").bytes(path.as_bytes());
        }
        for (path, stamp) in &self.unsaved {
            out.push("unsaved").bytes(path.as_bytes()).push(stamp.size);
            out.push(stamp.modified.0).push(stamp.modified.1).push(stamp.inode);
        }
    }

    pub(super) fn read_record<'a>(
        &mut self,
        tag: &[u8],
        fields: &mut Reader<impl Iterator<Item = &'a [u8]>>,
    ) -> Result<()> {
        match tag {
            b"branch" => self.branch = Some(fields.text()?),
            b"usual" => {
                self.permissions.usual = [fields.number()?, fields.number()?, fields.number()?];
            }
            b"permissions" => {
                let path = RepoPath::from_bytes(fields.bytes()?.to_vec())?;
                self.permissions.others.insert(path, fields.number()?);
            }
            b"empty" => self.empty.push(RepoPath::from_bytes(fields.bytes()?.to_vec())?),
            b"unsaved" => {
                let path = RepoPath::from_bytes(fields.bytes()?.to_vec())?;
                let size = fields.number()?;
                let modified = (fields.number()?, fields.number()?);
                let stamp = Stamp { size, modified, inode: fields.number()? };
                self.unsaved.push((path, stamp));
            }
            _ => bail!("a transaction with an unknown record"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> RepoPath {
        name.parse().unwrap()
    }

    #[test]
    fn what_most_have_is_said_once() {
        let all = [
            (path("a"), FileKind::Plain, 0o644),
            (path("b"), FileKind::Plain, 0o644),
            (path("c"), FileKind::Plain, 0o600),
            (path("x"), FileKind::Executable, 0o755),
            (path("d"), FileKind::Folder, 0o750),
        ];
        let permissions = Permissions::of(&all);
        assert_eq!(permissions.usual, [0o644, 0o755, 0o750]);
        assert_eq!(permissions.others.len(), 1);
        for (path, kind, bits) in &all {
            assert_eq!(permissions.get(path, *kind), *bits);
        }
    }

    #[test]
    fn of_a_kind_that_was_not_there_only_its_owner_has_rights() {
        let none = Permissions::of(&[]);
        assert_eq!(none.get(&path("a"), FileKind::Plain), 0o600);
        assert_eq!(none.get(&path("a"), FileKind::Executable), 0o700);
        let odd = Permissions::of(&[
            (path("a"), FileKind::Plain, 0o644),
            (path("b"), FileKind::Plain, 0o644),
            (path("c"), FileKind::Plain, 0),
        ]);
        assert_eq!(odd.get(&path("c"), FileKind::Plain), 0, "nobody may read it, and that is said");
    }
}
