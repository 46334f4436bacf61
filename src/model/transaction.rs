//! A transaction: an upgrade under way, and all that it takes to undo it.
//!
//! It is a small file in the working tree's Git directory from before the first change until the end, so
//! that after a crash everything can be put back, or gone on with. Its format is that of
//! [`fields`](super::fields). One that can't be read is left for a newer version that can.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail};

use super::fields::{Fields, Reader};
use crate::model::events::attempt::Process;
use crate::model::events::failure::Tried;
use crate::model::names::artifact::ArtifactId;
use crate::model::names::repo_path::RepoPath;

const FORMAT: &str = "git-bak transaction 1";

/// What stands at a path of the working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Nothing,
    File {
        /// The blob id of its bytes, in hex.
        blob: String,
        /// Its permission bits (0o777).
        permissions: u32,
    },
    Link {
        /// Where it leads, as it says.
        target: Vec<u8>,
    },
}

/// A path that the transaction changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    pub path: RepoPath,
    pub before: State,
    /// What the transaction puts there: one state after another, the last one stays. None: it is only saved,
    /// for a command may change it.
    pub ours: Vec<State>,
}

/// The steps of an upgrade that change something, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Step {
    /// The files are being changed, by us or by the command that is run.
    #[default]
    Apply,
    Reload,
    Test,
    Commit,
}

const STEPS: [(Step, &str); 4] = [
    (Step::Apply, "apply"),
    (Step::Reload, "reload"),
    (Step::Test, "test"),
    (Step::Commit, "commit"),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub process: Process,
    /// When it began, in seconds since 1970, and the offset from UTC in seconds.
    pub began: (i64, i32),
    pub tried: Tried,
    pub step: Step,
    /// What HEAD was, in hex; `None` before the first commit.
    pub head: Option<String>,
    /// The artifacts, in the order in which they are applied.
    pub artifacts: Vec<ArtifactId>,
    pub touched: Vec<Touched>,
    /// The folders that it makes, from the top down.
    pub folders: Vec<RepoPath>,
    /// The backups made for it: the file, and the backup's name.
    pub backups: Vec<(RepoPath, Vec<u8>)>,
    /// The files that the index was told of for the commit; it forgets them if that isn't made.
    pub announced: Vec<RepoPath>,
    /// The command that is run, once it has begun.
    pub command: Option<Process>,
    /// The commit may take work from before along.
    pub include_dirty: bool,
    pub reload: Option<String>,
    pub test: Option<String>,
    /// The message to commit with; `None`: no commit is wanted.
    pub commit: Option<String>,
    /// The moment that an undo takes back.
    pub undoes: Option<String>,
}

impl Touched {
    /// What stands there in the end.
    pub fn after(&self) -> &State {
        self.ours.last().unwrap_or(&self.before)
    }

    /// Whether `state` is one that the transaction knows: what was there, or what it has put there.
    pub fn knows(&self, state: &State) -> bool {
        *state == self.before || self.ours.contains(state)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(STEPS.iter().find(|(known, _)| known == self).map_or("", |(_, name)| name))
    }
}

impl FromStr for Step {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = STEPS.iter().find(|(_, known)| *known == name);
        known.map(|(step, _)| *step).ok_or_else(|| anyhow::anyhow!("unknown step '{name}'"))
    }
}

impl Transaction {
    /// One that has done nothing yet.
    pub fn new(tried: Tried, process: Process, began: (i64, i32)) -> Self {
        Self {
            process,
            began,
            tried,
            step: Step::default(),
            head: None,
            artifacts: Vec::new(),
            touched: Vec::new(),
            folders: Vec::new(),
            backups: Vec::new(),
            announced: Vec::new(),
            command: None,
            include_dirty: false,
            reload: None,
            test: None,
            commit: None,
            undoes: None,
        }
    }

    pub fn paths(&self) -> Vec<RepoPath> {
        let changed = self.touched.iter().filter(|touched| !touched.ours.is_empty());
        changed.map(|touched| touched.path.clone()).collect()
    }

    /// The transaction as a file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Fields::default();
        out.push(FORMAT);
        out.push("process").push(self.process.pid).maybe(self.process.started);
        out.push("began").push(self.began.0).push(self.began.1);
        out.push("tried").push(self.tried).push("step").push(self.step);
        let texts = [
            ("head", &self.head),
            ("reload", &self.reload),
            ("test", &self.test),
            ("commit", &self.commit),
            ("undoes", &self.undoes),
        ];
        for (tag, value) in texts {
            if let Some(value) = value {
                out.push(tag).push(value);
            }
        }
        for artifact in &self.artifacts {
            out.push("artifact").push(artifact);
        }
        for touched in &self.touched {
            out.push("touched").bytes(touched.path.as_bytes());
            write_state(&mut out, &touched.before);
            for state in &touched.ours {
                out.push("ours");
                write_state(&mut out, state);
            }
        }
        for folder in &self.folders {
            out.push("folder").bytes(folder.as_bytes());
        }
        for (path, name) in &self.backups {
            out.push("backup").bytes(path.as_bytes()).bytes(name);
        }
        for path in &self.announced {
            out.push("announced").bytes(path.as_bytes());
        }
        if let Some(command) = self.command {
            out.push("command").push(command.pid).maybe(command.started);
        }
        if self.include_dirty {
            out.push("dirty");
        }
        // Without it the file was cut short.
        out.push("end");
        out.into_bytes()
    }

    /// Reads what `to_bytes` wrote; a part of it is an error.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Reader::of(bytes);
        if fields.text()? != FORMAT {
            bail!("not a transaction that this version can read");
        }
        let nobody = Process { pid: 0, started: None };
        let mut read = Self::new(Tried::Apply, nobody, (0, 0));
        while let Some(tag) = fields.tag() {
            if tag == b"end" {
                return Ok(read);
            }
            read.read_record(tag, &mut fields)?;
        }
        bail!("it ends too early")
    }

    fn read_record<'a>(
        &mut self,
        tag: &[u8],
        fields: &mut Reader<impl Iterator<Item = &'a [u8]>>,
    ) -> Result<()> {
        match tag {
            b"process" => {
                self.process = Process { pid: fields.number()?, started: fields.maybe()? };
            }
            b"began" => self.began = (fields.number()?, fields.number()?),
            b"tried" => self.tried = fields.text()?.parse()?,
            b"step" => self.step = fields.text()?.parse()?,
            b"head" => self.head = Some(fields.text()?),
            b"reload" => self.reload = Some(fields.text()?),
            b"test" => self.test = Some(fields.text()?),
            b"commit" => self.commit = Some(fields.text()?),
            b"undoes" => self.undoes = Some(fields.text()?),
            b"artifact" => self.artifacts.push(fields.text()?.parse()?),
            b"touched" => {
                let (path, before) = (read_path(fields)?, read_state(fields)?);
                self.touched.push(Touched { path, before, ours: Vec::new() });
            }
            b"ours" => {
                let state = read_state(fields)?;
                match self.touched.last_mut() {
                    Some(touched) => touched.ours.push(state),
                    None => bail!("a state of no file"),
                }
            }
            b"folder" => self.folders.push(read_path(fields)?),
            b"announced" => self.announced.push(read_path(fields)?),
            b"backup" => self.backups.push((read_path(fields)?, fields.bytes()?.to_vec())),
            b"command" => {
                let (pid, started) = (fields.number()?, fields.maybe()?);
                self.command = Some(Process { pid, started });
            }
            b"dirty" => self.include_dirty = true,
            _ => bail!("a transaction with an unknown record"),
        }
        Ok(())
    }
}

pub(super) fn write_state(out: &mut Fields, state: &State) {
    match state {
        State::Nothing => out.bytes(b"nothing"),
        State::File { blob, permissions } => {
            out.bytes(b"file").bytes(blob.as_bytes()).number(*permissions)
        }
        State::Link { target } => out.bytes(b"link").bytes(target),
    };
}

pub(super) fn read_state<'a>(fields: &mut Reader<impl Iterator<Item = &'a [u8]>>) -> Result<State> {
    Ok(match fields.bytes()? {
        b"nothing" => State::Nothing,
        b"file" => State::File { blob: fields.text()?, permissions: fields.number()? },
        b"link" => State::Link { target: fields.bytes()?.to_vec() },
        _ => bail!("an unknown state of a file"),
    })
}

pub(super) fn read_path<'a>(
    fields: &mut Reader<impl Iterator<Item = &'a [u8]>>,
) -> Result<RepoPath> {
    RepoPath::from_bytes(fields.bytes()?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &[u8]) -> RepoPath {
        RepoPath::from_bytes(name.to_vec()).unwrap()
    }

    fn full() -> Transaction {
        let file = |digit: &str, permissions| State::File { blob: digit.repeat(40), permissions };
        let process = Process { pid: 12, started: Some(345) };
        Transaction {
            step: Step::Test,
            head: Some("ab".repeat(20)),
            artifacts: vec!["abc12345".parse().unwrap(), "XYZ98765".parse().unwrap()],
            touched: vec![
                Touched {
                    path: path(b"d/\xff\n.txt"),
                    before: file("a", 0o600),
                    ours: vec![State::Nothing, file("b", 0o755)],
                },
                Touched {
                    path: path(b"link"),
                    before: State::Link { target: b"../\xff".to_vec() },
                    ours: Vec::new(),
                },
            ],
            folders: vec![path(b"d"), path(b"d/e")],
            backups: vec![(path(b"a"), b"a.bak.20251106_201045.abc12345".to_vec())],
            announced: vec![path(b"new")],
            command: Some(Process { pid: 13, started: None }),
            include_dirty: true,
            reload: Some(String::new()),
            test: Some("make test\nand more".into()),
            commit: Some("Apply é".into()),
            undoes: Some("0123abcd".into()),
            ..Transaction::new(Tried::Run, process, (1_762_460_000, -3600))
        }
    }

    #[test]
    fn a_transaction_comes_back_as_it_was_written() {
        assert_eq!(Transaction::parse(&full().to_bytes()).unwrap(), full());
    }

    #[test]
    fn one_cut_short_anywhere_is_an_error() {
        let bytes = full().to_bytes();
        for end in 0..bytes.len() - 1 {
            assert!(Transaction::parse(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_format_of_a_later_version_is_refused() {
        assert!(Transaction::parse(b"git-bak transaction 2\0end\0").is_err());
        assert!(Transaction::parse(b"").is_err());
    }

    #[test]
    fn what_it_has_put_there_is_known_and_the_last_of_it_stays() {
        let touched = &full().touched[0];
        let now = State::File { blob: "b".repeat(40), permissions: 0o644 };
        assert!(touched.knows(&State::Nothing) && touched.knows(&touched.before));
        assert!(!touched.knows(&now), "another mode is another state");
        assert_eq!(touched.after(), &touched.ours[1]);
    }
}
