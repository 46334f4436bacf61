//! What is written down before a command that may change anything: all that stands in the working tree, path by
//! path, and what belongs to the repository besides. So nothing has to be told from Git's rules afterwards, which the
//! command may have changed.
//!
//! Its format is that of [`fields`](super::fields).

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::fields::{Fields, Reader};
use super::transaction::{State, read_path, read_state, write_state};
use crate::model::names::repo_path::RepoPath;

const FORMAT: &str = "git-bak surroundings 1";

/// What the system knew of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    pub size: u64,
    /// Seconds since 1970 and nanoseconds, likewise below.
    pub modified: (i64, u32),
    /// Last change of its inode, which no program can forge.
    pub changed: (i64, u32),
    pub inode: u64,
    /// Permission bits (0o777).
    pub permissions: u32,
}

/// A file or a link that stood there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood {
    pub seal: Seal,
    /// `None`: it could not be saved, or was left out by the settings.
    pub state: Option<State>,
    /// It was not as Git has it, whatever Git was told about it.
    pub is_work: bool,
    /// Its bytes are those of this blob, each line's end as CR LF.
    pub lines_of: Option<String>,
}

/// What a working tree was like before a command ran.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// When the look began: seconds since 1970 and nanoseconds.
    pub looked: (i64, u32),
    /// The branch that HEAD named (`refs/heads/…`); `None` if it named a commit.
    pub branch: Option<String>,
    /// All refs but HEAD, with what they named.
    pub refs: BTreeMap<String, String>,
    /// The files in the Git directory that say what is under way (`MERGE_HEAD`).
    pub under_way: Vec<String>,
    /// Git's own settings, file by file: the bytes, if there was one.
    pub settings: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// Pathspecs that were left out (`bak.exclude`).
    pub exclude: Vec<Vec<u8>>,
    pub files: BTreeMap<RepoPath, Stood>,
    /// The folders, with their permission bits; `None`: all that is in it is ignored.
    pub folders: BTreeMap<RepoPath, Option<u32>>,
    /// The ignored files, and the folders of which everything is ignored: `None`. They are not put back.
    pub ignored: BTreeMap<RepoPath, Option<Seal>>,
    /// Submodules and other repositories inside, each with a hash of how it stood.
    pub nested: BTreeMap<RepoPath, String>,
}

impl Surroundings {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Fields::default();
        out.push(FORMAT).push(self.looked.0).push(self.looked.1);
        if let Some(branch) = &self.branch {
            out.push("branch").push(branch);
        }
        for (name, id) in &self.refs {
            out.push("ref").push(name).push(id);
        }
        for name in &self.under_way {
            out.push("under way").push(name);
        }
        for (file, bytes) in &self.settings {
            match bytes {
                Some(bytes) => out.push("setting").bytes(file).bytes(bytes),
                None => out.push("no setting").bytes(file),
            };
        }
        for spec in &self.exclude {
            out.push("exclude").bytes(spec);
        }
        for (path, bits) in &self.folders {
            out.push("folder").bytes(path.as_bytes()).maybe(*bits);
        }
        for (path, hash) in &self.nested {
            out.push("nested").bytes(path.as_bytes()).push(hash);
        }
        for (path, seal) in &self.ignored {
            let tag = if seal.is_some() { "ignored" } else { "ignored folder" };
            out.push(tag).bytes(path.as_bytes());
            seal.iter().for_each(|seal| push_seal(&mut out, seal));
        }
        for (path, stood) in &self.files {
            let Stood { seal, state, is_work, lines_of } = stood;
            out.bytes(if *is_work { b"work" } else { b"file" }).bytes(path.as_bytes());
            push_seal(&mut out, seal);
            let lines_of = lines_of.as_deref().unwrap_or_default();
            out.bytes(lines_of.as_bytes()).number(u8::from(state.is_some()));
            if let Some(state) = state {
                write_state(&mut out, state);
            }
        }
        out.push("end");
        out.into_bytes()
    }

    /// Reads what `to_bytes` wrote; a part of it is an error.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Reader::of(bytes);
        if fields.text()? != FORMAT {
            bail!("this version can't read it");
        }
        let looked = (fields.number()?, fields.number()?);
        let (mut read, mut files) = (Self { looked, ..Self::default() }, Vec::new());
        while let Some(tag) = fields.tag() {
            match tag {
                b"end" => {
                    read.files = files.into_iter().collect();
                    return Ok(read);
                }
                b"file" | b"work" => files.push(read_file(tag == b"work", &mut fields)?),
                _ => read.read_record(tag, &mut fields)?,
            }
        }
        bail!("it ends too early")
    }

    fn read_record<'a>(
        &mut self,
        tag: &[u8],
        fields: &mut Reader<impl Iterator<Item = &'a [u8]>>,
    ) -> Result<()> {
        match tag {
            b"branch" => self.branch = Some(fields.text()?),
            b"ref" => drop(self.refs.insert(fields.text()?, fields.text()?)),
            b"under way" => self.under_way.push(fields.text()?),
            b"setting" => {
                let (file, bytes) = (fields.bytes()?.to_vec(), fields.bytes()?.to_vec());
                self.settings.insert(file, Some(bytes));
            }
            b"no setting" => drop(self.settings.insert(fields.bytes()?.to_vec(), None)),
            b"exclude" => self.exclude.push(fields.bytes()?.to_vec()),
            b"folder" => drop(self.folders.insert(read_path(fields)?, fields.maybe()?)),
            b"ignored" => {
                self.ignored.insert(read_path(fields)?, Some(read_seal(fields)?));
            }
            b"ignored folder" => {
                self.ignored.insert(read_path(fields)?, None);
            }
            b"nested" => drop(self.nested.insert(read_path(fields)?, fields.text()?)),
            _ => bail!("it has an unknown record"),
        }
        Ok(())
    }
}

fn read_file<'a>(
    is_work: bool,
    fields: &mut Reader<impl Iterator<Item = &'a [u8]>>,
) -> Result<(RepoPath, Stood)> {
    let (path, seal) = (read_path(fields)?, read_seal(fields)?);
    let lines_of = fields.maybe()?;
    let has_state = fields.number::<u8>()? == 1;
    let state = if has_state { Some(read_state(fields)?) } else { None };
    Ok((path, Stood { seal, state, is_work, lines_of }))
}

fn push_seal(out: &mut Fields, seal: &Seal) {
    out.number(seal.size).number(seal.modified.0).number(seal.modified.1);
    out.number(seal.changed.0).number(seal.changed.1).number(seal.inode).number(seal.permissions);
}

fn read_seal<'a>(fields: &mut Reader<impl Iterator<Item = &'a [u8]>>) -> Result<Seal> {
    let size = fields.number()?;
    let modified = (fields.number()?, fields.number()?);
    let changed = (fields.number()?, fields.number()?);
    let (inode, permissions) = (fields.number()?, fields.number()?);
    Ok(Seal { size, modified, changed, inode, permissions })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Surroundings {
        let path = |name: &[u8]| RepoPath::from_bytes(name.to_vec()).unwrap();
        let seal = Seal {
            size: 1 << 40,
            modified: (-1, 5),
            changed: (7, 8),
            inode: 9,
            permissions: 0o640,
        };
        let file = State::File { blob: "a".repeat(40), permissions: 0o640 };
        let stood = |state, is_work, lines_of| Stood { seal, state, is_work, lines_of };
        Surroundings {
            looked: (1_762_460_000, 3),
            branch: Some("refs/heads/é".into()),
            refs: [("refs/stash".to_owned(), "b".repeat(40))].into(),
            under_way: vec!["MERGE_HEAD".into()],
            settings: [(b"/x/config".to_vec(), Some(b"[a]\n".to_vec())), (b"/y".to_vec(), None)]
                .into(),
            exclude: vec![b":(icase)*.log".to_vec()],
            files: [
                (path(b"d/\xff\n.txt"), stood(Some(file), false, Some("c".repeat(40)))),
                (path(b"huge"), stood(None, true, None)),
                (path(b"link"), stood(Some(State::Link { target: b"\xff".to_vec() }), true, None)),
            ]
            .into(),
            folders: [(path(b"d"), Some(0o750)), (path(b"build"), None)].into(),
            ignored: [(path(b"a.o"), Some(seal)), (path(b"build"), None)].into(),
            nested: [(path(b"sub"), "d".repeat(40))].into(),
        }
    }

    #[test]
    fn it_comes_back_as_it_was_written() {
        assert_eq!(Surroundings::parse(&full().to_bytes()).unwrap(), full());
    }

    #[test]
    fn one_cut_short_anywhere_or_of_a_later_version_is_an_error() {
        let bytes = full().to_bytes();
        for end in 0..bytes.len() - 1 {
            assert!(Surroundings::parse(&bytes[..end]).is_err(), "{end}");
        }
        assert!(Surroundings::parse(b"git-bak surroundings 2\x001\x001\0end\0").is_err());
    }
}
