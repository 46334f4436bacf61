//! What is wrong with the vault: a look, that changes nothing.
//!
//! First the repository itself; what is in it is looked at only if it is whole. What can't be read is said as such,
//! and never taken for what is gone.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::commits::{self, Texts};
use super::damaged;
use super::days::{Days, LeftOut, Why, is_id, plan};
use super::git::Sealed;
use super::gone::GoneLines;
use super::present::{self, Lack};
use super::strip::Stripping;
use super::{BORROWED, packs};
use crate::git::object_format::ObjectFormat;
use crate::git::repository::Repository;
use crate::model::now::Now;
use crate::record::{Reading, Record};

/// What stands where the vault should be, or what is wrong with what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultFinding {
    /// A file stands in the place of a folder.
    NoFolder(PathBuf),
    Link(PathBuf),
    /// It was never finished, or parts of it are gone.
    HalfMade(PathBuf),
    /// Its objects are named otherwise than the repository's.
    OtherFormat,
    /// It doesn't have what hooks put in: `objects/info/alternates` is not as it should be.
    NotLent,
    /// Git finds it broken, and says so.
    Broken(String),
    /// So many files in `bak/new` are not what their names say.
    Damaged(usize),
    /// It can't be read now, and why.
    Unreadable(String),
    ReadOnly(PathBuf),
    /// Versions that can't be had, and why.
    Lacking(Vec<LeftOut>),
    /// Lines that are in commits and not in the record, by day.
    Unrecorded(BTreeMap<String, usize>),
    /// Lines of the record that make no sense.
    Senseless(usize),
    /// An earlier one that was put aside.
    Aside(PathBuf),
}

impl VaultFinding {
    /// The repository has to be rebuilt.
    pub fn is_of_repository(&self) -> bool {
        matches!(
            self,
            Self::NoFolder(_)
                | Self::Link(_)
                | Self::HalfMade(_)
                | Self::OtherFormat
                | Self::Broken(_)
        )
    }
}

/// Everything that is wrong. `is_thorough`: Git reads every byte of every pack.
pub fn look(
    repository: &Repository,
    record: &Record,
    is_thorough: bool,
    now: &Now,
) -> Vec<VaultFinding> {
    let bak = record.bak();
    let place = bak.join("vault.git");
    let mut findings: Vec<VaultFinding> = aside(bak).into_iter().map(VaultFinding::Aside).collect();
    findings.extend(unwritable(&[bak.join("record"), bak.join("new"), place.join("objects")]));
    let damaged = damaged::of(repository, bak).len();
    findings.extend((damaged > 0).then_some(VaultFinding::Damaged(damaged)));
    let wrong = of_place(&place, repository.format);
    let is_whole = wrong.is_none() && place.exists();
    // What stands in its place can't be asked what it has.
    let is_there = is_whole || wrong.is_none();
    findings.extend(wrong);
    let git = Sealed::of(&place);
    let mut texts = Texts::new();
    if is_whole {
        findings.extend(broken(&git, is_thorough));
        match commits::read(&git) {
            Ok(read) => texts = read,
            Err(error) => broken_once(&mut findings, &error),
        }
    }
    if record.exists() {
        match record.read_all() {
            Ok(read) => {
                let vault = is_there.then(|| is_whole.then_some(&git));
                findings.extend(of_record(read, &texts, vault, bak, now));
            }
            Err(error) => findings.push(VaultFinding::Unreadable(format!("{error:#}"))),
        }
    }
    findings
}

fn broken_once(findings: &mut Vec<VaultFinding>, error: &anyhow::Error) {
    if !findings
        .iter()
        .any(|it| matches!(it, VaultFinding::Broken(_) | VaultFinding::Unreadable(_)))
    {
        findings.push(VaultFinding::Broken(format!("{error:#}")));
    }
}

/// What is wrong with the folder itself.
fn of_place(place: &Path, format: ObjectFormat) -> Option<VaultFinding> {
    let kind = match place.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => {
            return Some(VaultFinding::Unreadable(format!("{}: {error}", place.display())));
        }
        Ok(meta) => meta.file_type(),
    };
    if kind.is_symlink() {
        return Some(VaultFinding::Link(place.to_owned()));
    }
    if !kind.is_dir() {
        return Some(VaultFinding::NoFolder(place.to_owned()));
    }
    for part in ["HEAD", "config", "objects", "objects/pack", "refs"] {
        let path = place.join(part);
        match path.metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Some(VaultFinding::HalfMade(path));
            }
            Err(error) => {
                return Some(VaultFinding::Unreadable(format!("{}: {error}", path.display())));
            }
            Ok(_) => {}
        }
    }
    let asked = Sealed::of(place).output(["rev-parse", "--show-object-format"]);
    let wanted = match format {
        ObjectFormat::Sha1 => "sha1",
        ObjectFormat::Sha256 => "sha256",
    };
    match asked {
        Ok(answer) if answer.trim_ascii() == wanted.as_bytes() => not_lent(place),
        Ok(_) => Some(VaultFinding::OtherFormat),
        Err(error) => Some(VaultFinding::Broken(format!("{error:#}"))),
    }
}

fn not_lent(place: &Path) -> Option<VaultFinding> {
    let text = std::fs::read(place.join("objects/info/alternates")).unwrap_or_default();
    (text != BORROWED.as_bytes()).then_some(VaultFinding::NotLent)
}

fn broken(git: &Sealed, is_thorough: bool) -> Option<VaultFinding> {
    if let Err(error) = packs::unreadable(git) {
        return Some(VaultFinding::Unreadable(format!("{error:#}")));
    }
    let how = if is_thorough { "--full" } else { "--connectivity-only" };
    let asked = git.output(["fsck", how, "--no-dangling", "--no-progress"]);
    asked.err().map(|error| VaultFinding::Broken(format!("{error:#}")))
}

fn of_record(
    read: Reading,
    texts: &Texts,
    vault: Option<Option<&Sealed>>,
    bak: &Path,
    now: &Now,
) -> Vec<VaultFinding> {
    let mut findings = Vec::new();
    findings.extend(
        read.unread.iter().map(|(day, why)| VaultFinding::Unreadable(format!("{day}: {why}"))),
    );
    if read.damaged > 0 {
        findings.push(VaultFinding::Senseless(read.damaged));
    }
    let forgetting = Stripping::of(read.lines.iter());
    let days = Days::of(read.lines, texts, &forgetting);
    let mut unrecorded: BTreeMap<String, usize> = BTreeMap::new();
    for raw in days.all().filter(|raw| raw.place.is_none()) {
        *unrecorded.entry(raw.day.clone()).or_default() += 1;
    }
    if !unrecorded.is_empty() {
        findings.push(VaultFinding::Unrecorded(unrecorded));
    }
    let Some(git) = vault else { return findings };
    let gone = GoneLines::of(days.all(), now.timestamp());
    match lacking(&days, &gone, git, bak) {
        Ok(lacking) if lacking.is_empty() => {}
        Ok(lacking) => findings.push(VaultFinding::Lacking(lacking)),
        Err(why) => findings.push(VaultFinding::Unreadable(why)),
    }
    findings
}

/// The versions whose bytes can't be had; an error where that can't be told.
fn lacking(
    days: &Days,
    gone: &GoneLines,
    git: Option<&Sealed>,
    bak: &Path,
) -> Result<Vec<LeftOut>, String> {
    let ids = days.live(gone).into_iter().filter(|id| is_id(id)).collect();
    let lacks = match git {
        Some(git) => {
            let held = packs::held(git).map_err(|error| format!("{error:#}"))?;
            present::look(git, &ids, &held).map_err(|error| format!("{error:#}"))?
        }
        // Without a repository there is what hooks put in, and nothing else.
        None => ids.into_iter().filter_map(|id| Some((id.clone(), absent(bak, &id)?))).collect(),
    };
    let mut lacking = Vec::new();
    for lines in days.lines.values() {
        let left_out = plan(lines, gone, &lacks)?.left_out;
        // A name that no tree can have is no loss: its blob is where the hook put it.
        let lost = |it: &LeftOut| it.why != Why::Name || lacks.contains_key(&it.id);
        lacking.extend(left_out.into_iter().filter(lost));
    }
    Ok(lacking)
}

fn absent(bak: &Path, id: &str) -> Option<Lack> {
    let (folder, name) = id.split_at(2);
    match bak.join("new").join(folder).join(name).symlink_metadata() {
        Ok(_) => None,
        Err(error) if error.kind() == ErrorKind::NotFound => Some(Lack::Absent),
        Err(error) => Some(Lack::Unreadable(error.to_string())),
    }
}

fn unwritable(folders: &[PathBuf]) -> Vec<VaultFinding> {
    let is_unwritable = |folder: &&PathBuf| folder.is_dir() && !is_writable(folder);
    folders.iter().filter(is_unwritable).cloned().map(VaultFinding::ReadOnly).collect()
}

fn is_writable(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        let ways = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
        rustix::fs::access(folder, ways).is_ok()
    }
    #[cfg(not(unix))]
    tempfile::tempfile_in(folder).is_ok()
}

/// Vaults that were put aside because they were broken.
pub(super) fn aside(bak: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(bak) else { return Vec::new() };
    let is_aside = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("vault.git.broken-"))
    };
    let mut found: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_aside).collect();
    found.sort();
    found
}
