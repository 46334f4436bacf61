//! How each file of a working tree stands before a command, and the bytes of those that Git doesn't have.
//!
//! What could go wrong: a file counts as Git's, and its bytes were in the working tree alone. So it is read unless the
//! index or the last look prove that it has not been written to since its bytes were those of its blob.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::Result;

use super::line_ends::without_returns;
use super::{surroundings, tree};
use crate::backups::Store;
use crate::backups::place::Tree;
use crate::git::command::Git;
use crate::git::objects::Oid;
use crate::git::survey::differences::Differences;
use crate::git::survey::pathspec::{SurveyOptions, pathspecs};
use crate::git::survey::quick::trusted_before;
use crate::git::survey::{committed, held};
use crate::model::at_risk::{AtRisk, FileState, Survey};
use crate::model::names::repo_path::{RepoPath, next_at};
use crate::model::settings::size::Size;
use crate::model::surroundings::{Seal, Stood};
use crate::model::transaction::State;
use crate::os::folder::{EntryKind, Stat};
use crate::os::platform::path_from_bytes;

/// A look under way.
pub(super) struct LookBefore<'a, P: Fn((i64, u32)) -> bool> {
    store: &'a Store,
    pub(super) tree: Tree<'a>,
    /// Tracked files that the settings leave out.
    left_out: HashSet<RepoPath>,
    pub(super) too_much: Vec<(RepoPath, String)>,
    /// Files that Git was told not to look at, or has no reason to.
    hidden: Vec<RepoPath>,
    /// Which times prove that what the last look has found is so still.
    proves: P,
    /// It has not found all that it would again.
    pub(super) is_new: bool,
    /// Files that are as Git has seen them last, but have other bytes than their blobs.
    converted: HashSet<RepoPath>,
}

/// Begins one after the last, which was at the time `known`; the folders that are `closed` may not be read.
pub(super) fn begin<'a>(
    store: &'a Store,
    git: &Git,
    known: (i64, u32),
    all: &[held::TrackedPath],
    closed: Vec<RepoPath>,
) -> Result<LookBefore<'a, impl Fn((i64, u32)) -> bool + use<>>> {
    Ok(LookBefore {
        store,
        tree: tree(store)?,
        left_out: left_out(git, &store.settings.exclude, all)?,
        too_much: closed.into_iter().map(|it| (it, "it may not be read".to_owned())).collect(),
        hidden: Vec::new(),
        proves: trusted_before(known),
        is_new: false,
        converted: HashSet::new(),
    })
}

impl<P: Fn((i64, u32)) -> bool> LookBefore<'_, P> {
    /// Every file and link as it stands, of those that were `seen`; the last look has found those that are `known`.
    pub(super) fn stand_all(
        &mut self,
        all: &[held::TrackedPath],
        known: BTreeMap<RepoPath, Stood>,
        seen: BTreeMap<RepoPath, Stat>,
        found: &Differences,
    ) -> Result<BTreeMap<RepoPath, Stood>> {
        let untracked: BTreeSet<&RepoPath> = found.untracked.iter().collect();
        let listed: BTreeSet<&RepoPath> = found.changed.iter().chain(&found.untracked).collect();
        let (mut all, mut known) = (all.iter().peekable(), known.into_iter().peekable());
        let stand = |(path, stat): (RepoPath, Stat)| {
            let entry = next_at(&mut all, |it| &it.path, &path);
            let known = next_at(&mut known, |(path, _)| path, &path).map(|(_, stood)| stood);
            let entry = entry.filter(|_| !untracked.contains(&path));
            let stood = self.stand(&path, &stat, entry, known, listed.contains(&path))?;
            Ok((path, stood))
        };
        seen.into_iter().map(stand).collect()
    }

    /// The tracked files of which Git might store something else than HEAD has.
    pub(super) fn doubtful(
        &self,
        files: &BTreeMap<RepoPath, Stood>,
        all: &[held::TrackedPath],
        found: &Differences,
    ) -> Vec<RepoPath> {
        let staged: BTreeSet<&RepoPath> = found.staged.iter().collect();
        let is_doubtful = |path: &RepoPath, it: &Stood| {
            let is_edited = it.is_work && it.state.is_some() && entry_of(all, path).is_some();
            is_edited || staged.contains(path) || self.converted.contains(path)
        };
        let doubtful = files.iter().filter(|(path, stood)| is_doubtful(path, stood));
        doubtful.map(|(path, _)| path.clone()).collect()
    }

    /// One file or link as it stands. It is `listed` if Git calls it changed or untracked.
    fn stand(
        &mut self,
        path: &RepoPath,
        stat: &Stat,
        entry: Option<&held::TrackedPath>,
        known: Option<Stood>,
        listed: bool,
    ) -> Result<Stood> {
        let seal = surroundings::seal_of(stat);
        let mut stood = Stood { seal, state: None, is_work: listed, lines_of: None };
        if self.left_out.contains(path) {
            stood.is_work = true;
            return Ok(stood);
        }
        let is_file = stat.kind == EntryKind::File;
        if !listed && let Some(known) = known.filter(|known| self.is_so_still(known, &seal, entry))
        {
            (stood.state, stood.lines_of) = (known.state, known.lines_of);
            return Ok(stood);
        }
        let same = entry.filter(|entry| is_file && !listed && entry.is_untouched(stat));
        if let Some(entry) = same {
            if let Some(id) = entry.id.filter(|_| !entry.is_converted) {
                let (blob, permissions) = (id.to_string(), stat.permissions);
                stood.state = Some(State::File { blob, permissions });
                self.is_new = true;
                return Ok(stood);
            }
            if entry.is_lfs {
                return Ok(stood);
            }
        }
        let id = entry.and_then(|entry| entry.id);
        let is_big = self.store.settings.max_file_size.is_some_and(|most| stat.size > most.bytes());
        if is_big && is_file && (listed || id.is_none()) {
            self.too_much.push((path.clone(), too_big(stat.size)));
            stood.is_work = true;
            return Ok(stood);
        }
        match self.read(path, id, !is_big) {
            Ok((state, lines_of)) => {
                // Those that are as they are committed are told apart later.
                let is_held = lines_of.is_some() || is_blob(state.as_ref(), id);
                self.is_new |= is_held;
                let is_doubtful =
                    |it: &held::TrackedPath| it.is_hidden || same.is_none() && !is_held;
                if !listed && entry.is_some_and(is_doubtful) {
                    self.hidden.push(path.clone());
                } else if !listed && entry.is_some() && !is_held {
                    self.converted.insert(path.clone());
                }
                (stood.state, stood.lines_of) = (state, lines_of);
            }
            Err(error) => {
                self.too_much.push((path.clone(), error.root_cause().to_string()));
                stood.is_work = true;
            }
        }
        Ok(stood)
    }

    /// Whether what was found there the last time has not been written to since and Git has it, line ends aside.
    fn is_so_still(&self, known: &Stood, seal: &Seal, entry: Option<&held::TrackedPath>) -> bool {
        let id = entry.filter(|entry| !entry.is_hidden).and_then(|entry| entry.id);
        let is_lines = |id| known.lines_of.as_ref().is_some_and(|of| names(of, id));
        id.is_some_and(|id| is_lines(id) || is_blob(known.state.as_ref(), Some(id)))
            && known.seal == *seal
            && (self.proves)(seal.changed)
    }

    /// Reads it, and keeps its bytes unless Git has them as the blob `id`, or they are its lines with other ends, and
    /// that is said then. `None`: they are many, and Git makes them of that blob.
    fn read(
        &self,
        path: &RepoPath,
        id: Option<Oid>,
        keep: bool,
    ) -> Result<(Option<State>, Option<String>)> {
        let seen = self.tree.read(path)?;
        let State::File { blob, .. } = &seen.state else { return Ok((Some(seen.state), None)) };
        let has = |id: &Oid| self.store.objects.blob_size(*id).is_ok();
        if let Some(id) = id.filter(has) {
            if id.to_string() == *blob {
                return Ok((Some(seen.state), None));
            }
            if let Some(lines) = without_returns(&seen.bytes)
                && self.store.objects.hash(&lines)? == id
            {
                return Ok((Some(seen.state), Some(id.to_string())));
            }
        }
        if !keep {
            return Ok((None, None));
        }
        self.tree.keep(path, &seen.bytes)?;
        Ok((Some(seen.state), None))
    }

    /// Among the files that Git was told not to look at, finds those with work, and has them backed up like others.
    pub(super) fn uncover(
        &mut self,
        files: &mut BTreeMap<RepoPath, Stood>,
        survey: &mut Survey,
    ) -> Result<()> {
        if self.hidden.is_empty() {
            return Ok(());
        }
        let Store { repository, objects, refs, .. } = self.store;
        let work = committed::differing(repository, objects, refs.head()?, &self.hidden)?;
        for path in std::mem::take(&mut self.hidden).into_iter().filter(|it| work.contains(it)) {
            let Some(stood) = files.get_mut(&path) else { continue };
            stood.is_work = true;
            if stood.state.is_none() {
                self.too_much.push((path, too_big(stood.seal.size)));
                continue;
            }
            match survey.files.iter_mut().find(|file| file.path == path) {
                Some(file) => (file.state, file.size) = (FileState::Edited, None),
                None => survey.files.push(AtRisk {
                    path,
                    staged: None,
                    state: FileState::Edited,
                    added: false,
                    size: None,
                }),
            }
        }
        Ok(())
    }
}

/// The entry of a path, of all in the order of the index.
fn entry_of<'a>(all: &'a [held::TrackedPath], path: &RepoPath) -> Option<&'a held::TrackedPath> {
    all.binary_search_by(|it| it.path.cmp(path)).ok().map(|at| &all[at])
}

fn is_blob(state: Option<&State>, id: Option<Oid>) -> bool {
    matches!((state, id), (Some(State::File { blob, .. }), Some(id)) if names(blob, id))
}

/// Whether this is the id in hex.
fn names(hex: &str, id: Oid) -> bool {
    let digit = |half: u8| b"0123456789abcdef"[usize::from(half)];
    let (pairs, rest) = hex.as_bytes().as_chunks();
    let same = |(pair, byte): (&[u8; 2], &u8)| *pair == [digit(byte >> 4), digit(byte & 15)];
    rest.is_empty()
        && pairs.len() == id.as_bytes().len()
        && pairs.iter().zip(id.as_bytes()).all(same)
}

fn too_big(size: u64) -> String {
    let size = Size::from_bytes(size);
    format!("its {size} are more than the limit (bak.maxFileSize)")
}

/// The tracked files that the pathspecs `exclude` leave out.
fn left_out(
    git: &Git,
    exclude: &[Vec<u8>],
    all: &[held::TrackedPath],
) -> Result<HashSet<RepoPath>> {
    if exclude.is_empty() {
        return Ok(HashSet::new());
    }
    let options = SurveyOptions { exclude: exclude.to_vec(), ..SurveyOptions::default() };
    let specs = pathspecs(&options);
    let specs = specs.iter().map(|spec| path_from_bytes(spec).into_os_string());
    let args = ["ls-files", "-z", "--"].map(Into::into).into_iter().chain(specs);
    let names = git.output(args)?;
    let names: HashSet<&[u8]> = names.split(|&byte| byte == 0).collect();
    let out = all.iter().map(|it| &it.path).filter(|path| !names.contains(path.as_bytes()));
    Ok(out.cloned().collect())
}
