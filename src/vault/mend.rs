//! Putting the vault right (`doctor --fix`), without taking anything away.
//!
//! Order, and why it loses nothing: with the lock of the fold, what is broken is put aside under another name,
//! never deleted, first damaged blobs of `bak/new`, then the vault itself if it is, and an empty one is made; from every vault that was put aside, lines that the record lacks are
//! appended to it and blobs that versions need are put into `bak/new`, each proven by its id; then a fold rebuilds
//! all days. A run after a crash finds the same things to do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::commits::{self, Texts};
use super::days::{Days, LeftOut, Why, is_id};
use super::fold::{FoldSettings, Folded, Work};
use super::git::Sealed;
use super::gone::GoneLines;
use super::health::{VaultFinding, aside, look};
use super::lock::FoldLock;
use super::strip::Stripping;
use super::{Vault, bare, damaged, packs};
use crate::git::objects::Objects;
use crate::git::repository::Repository;
use crate::model::events::line::{Line, Seen, What};
use crate::model::names::repo_path::RepoPath;
use crate::model::now::{Now, timestamp};
use crate::os::private;
use crate::record::Record;

const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub struct MendedVault {
    /// Where the broken vault is now.
    pub aside: Option<PathBuf>,
    /// How many blobs of `bak/new` were damaged, and where they are now.
    pub blobs_aside: Option<(usize, PathBuf)>,
    /// How many lines the record got back.
    pub recorded: usize,
    /// How many blobs were got out of what was put aside.
    pub saved: usize,
    /// How many versions are proven to be nowhere, and are noted as gone.
    pub lost: usize,
    pub folded: Folded,
}

pub fn mend(
    repository: &Repository,
    record: &Record,
    settings: FoldSettings,
    now: &Now,
) -> Result<MendedVault> {
    let Some(lock) = FoldLock::take(record.bak(), PATIENCE)? else {
        bail!("the vault is being folded by another process");
    };
    let mut mended = MendedVault::default();
    let place = free_name(record.bak(), now);
    let blobs = damaged::put_aside(repository, record, &place)?;
    mended.blobs_aside = (blobs > 0).then_some((blobs, place));
    let findings = look(repository, record, false, now);
    if let Some(unreadable) = findings.iter().find(|it| matches!(it, VaultFinding::Unreadable(_))) {
        bail!("not everything can be read now: {unreadable:?}");
    }
    if findings.iter().any(VaultFinding::is_of_repository) {
        mended.aside = Some(put_aside(record.bak(), now)?);
    }
    private::make_dir(&record.folder())?;
    bare::ensure(record.bak(), repository.format).context("the vault can't be made")?;
    let vault = record.bak().join("vault.git");
    for place in aside(record.bak()).into_iter().chain([vault]) {
        // What can still be had of a broken one.
        if let Ok(texts) = commits::read(&Sealed::of(&place)) {
            mended.recorded += put_back(record, &texts)?;
        }
    }
    mended.saved = save(repository, record, now)?;
    mended.lost = note_lost(repository, record, now)?;
    mended.folded = Work::begin(repository, record, settings, now, lock)?.all()?;
    Ok(mended)
}

/// Where something is put aside: no such name is there.
fn free_name(bak: &Path, now: &Now) -> PathBuf {
    let name = format!("vault.git.broken-{}", timestamp(now));
    let mut names = (0..).map(|n| if n == 0 { name.clone() } else { format!("{name}-{n}") });
    let free = names.find(|name| bak.join(name).symlink_metadata().is_err());
    bak.join(free.unwrap_or(name))
}

fn put_aside(bak: &Path, now: &Now) -> Result<PathBuf> {
    let place = bak.join("vault.git");
    let to = free_name(bak, now);
    std::fs::rename(&place, &to).with_context(|| place.display().to_string())?;
    Ok(to)
}

/// Appends the lines of commits that the record lacks; how many.
fn put_back(record: &Record, texts: &Texts) -> Result<usize> {
    let mut read = record.read_all()?;
    let forgetting = Stripping::of(read.lines.iter());
    let days = Days::of(std::mem::take(&mut read.lines), texts, &forgetting);
    let mut count = 0;
    for ((_, day), lines) in &days.lines {
        let lacking: Vec<&[u8]> =
            lines.iter().filter(|raw| raw.place.is_none()).map(|raw| raw.text.as_slice()).collect();
        count += lacking.len();
        record.append_to_day(day, &lacking)?;
    }
    Ok(count)
}

/// Notes the versions whose blobs are proven to be nowhere: the record still tells of them.
fn note_lost(repository: &Repository, record: &Record, now: &Now) -> Result<usize> {
    let mut line = Line::new(What::Gone, now);
    line.why = Some("lost".to_owned());
    for finding in look(repository, record, false, now) {
        let VaultFinding::Lacking(left_out) = finding else { continue };
        let absent = left_out.into_iter().filter(|it| it.why == Why::Absent);
        let seen = |it: LeftOut| {
            let path = RepoPath::from_bytes(it.path).ok()?;
            Some(Seen { id: Some(it.id), t: Some(it.time), ..Seen::of(&path) })
        };
        line.files.extend(absent.filter_map(seen));
    }
    let lost = line.files.len();
    if lost > 0 {
        record.append_as_they_are(&mut [line], now)?;
    }
    Ok(lost)
}

/// Gets the blobs that versions need from Git, where it has them, and out of the vaults that were put aside; how
/// many.
fn save(repository: &Repository, record: &Record, now: &Now) -> Result<usize> {
    let places = aside(record.bak());
    let mut read = record.read_all()?;
    let days = Days::of(std::mem::take(&mut read.lines), &Texts::new(), &Stripping::default());
    let gone = GoneLines::of(days.all(), now.timestamp());
    let held = packs::held(&Sealed::of(record.bak().join("vault.git")))?;
    let vault = Vault::of(repository);
    let mut needed: BTreeSet<String> = days.live(&gone);
    needed.retain(|id| is_id(id) && !held.contains(id));
    let mut count = 0;
    let git = Objects::of(repository);
    for id in &needed {
        let id = git.parse(id)?;
        if !vault.has(id) && git.has(id) && vault.keep_of_git(&git, id).is_ok() {
            count += 1;
        }
    }
    for place in places {
        let from = Objects::in_dir(repository, place.join("objects"));
        for id in &needed {
            let id = from.parse(id)?;
            if !vault.has(id)
                && let Ok(bytes) = from.read_blob(id)
                && from.hash(&bytes)? == id
            {
                vault.new.write_anew(id, &bytes)?;
                count += 1;
            }
        }
    }
    Ok(count)
}
