//! What a working tree is like before a command of which nobody knows what it will change.
//!
//! Order of steps, and why it is safe: the index is copied first, and everything else is told against the
//! copy, so that a file and its entry belong together whatever others do meanwhile; then each file is looked at, and
//! then read, so that what is written in between shows. What Git has byte for byte, it keeps; the bytes of every other
//! file are kept here. Nothing is changed.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use super::line_ends::without_returns;
use super::{elsewhere, file, surroundings, tree};
use crate::backups::Store;
use crate::backups::place::Tree;
use crate::git::command::Git;
use crate::git::objects::Oid;
use crate::git::survey::pathspec::{SurveyOptions, pathspecs};
use crate::git::survey::quick::trusted_before;
use crate::git::survey::{committed, differences, held};
use crate::git::worktree::saved_index;
use crate::model::at_risk::{AtRisk, FileState, Survey};
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::size::Size;
use crate::model::surroundings::{Seal, Stood, Surroundings};
use crate::model::transaction::State;
use crate::os::folder::{EntryKind, Stat};
use crate::os::platform::path_from_bytes;

#[derive(Debug)]
pub struct Before {
    /// What HEAD was, in hex; `None` before the first commit.
    pub head: Option<String>,
    pub around: Surroundings,
    pub survey: Survey,
    /// Tracked files of which Git might store something else than HEAD has: with edits, staged or not, whatever Git was told
    /// about them, and those that it converts, for it may do so by other rules now.
    pub doubtful: Vec<RepoPath>,
    /// Files with uncommitted work that can't be saved, each with the reason.
    pub too_much: Vec<(RepoPath, String)>,
}

/// The copy of the index, for [`observe`] and for all who compare with it.
pub(super) fn index(store: &Store) -> PathBuf {
    file::index_of(&store.repository)
}

/// Looks at everything, keeps what Git doesn't have as it is, and writes it down. Whoever calls it has the lock.
pub fn observe(store: &Store) -> Result<Before> {
    file::forget_aside(&store.repository);
    let copy = index(store);
    saved_index::save(&store.repository, &copy)?;
    let git = saved_index::git_with(&store.repository, &copy);
    // Git compares while this process looks at what it doesn't compare.
    let comparing = differences::start(&git, &store.settings.exclude)?;
    let has_filters = !store.settings.filters.is_empty();
    let known = file::read_seen(&store.repository);
    let may_know = |path: &RepoPath| known.files.get(path).is_some_and(|it| it.state.is_some());
    let all = held::tracked(&store.repository, &store.objects, &copy, has_filters, may_know)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let looked = (i64::try_from(now.as_secs())?, now.subsec_nanos());
    let paths = all.iter().filter(|it| it.mode != held::SUBMODULE).map(|it| &it.path);
    let mut paths: BTreeSet<RepoPath> = paths.cloned().collect();
    let mut seen = surroundings::look(store, &paths)?;
    let found = comparing.finish()?;
    if !found.untracked.is_empty() {
        paths.extend(found.untracked.iter().cloned());
        seen = surroundings::look(store, &paths)?;
    }
    let modules = all.iter().filter(|it| it.mode == held::SUBMODULE).map(|it| &it.path);
    let modules: Vec<RepoPath> = modules.chain(&found.nested).cloned().collect();
    let untracked: HashSet<&RepoPath> = found.untracked.iter().collect();
    let listed: HashSet<&RepoPath> = found.changed.iter().chain(&found.untracked).collect();
    let mut look = LookBefore {
        store,
        tree: tree(store)?,
        left_out: left_out(&git, &store.settings.exclude, &all)?,
        too_much: seen.closed.into_iter().map(|it| (it, "it may not be read".to_owned())).collect(),
        hidden: Vec::new(),
        proves: trusted_before(known.looked),
        known: &known,
        is_new: false,
        converted: HashSet::new(),
    };
    store.clean_forms.ask(&paths);
    let tracked: BTreeMap<&RepoPath, &held::TrackedPath> =
        all.iter().map(|it| (&it.path, it)).collect();
    let mut files = BTreeMap::new();
    for (path, stat) in &seen.files {
        let entry = tracked.get(path).copied().filter(|_| !untracked.contains(path));
        let stood = look.stand(path, stat, entry, listed.contains(path))?;
        files.insert(path.clone(), stood);
    }
    let mut survey = found.survey;
    look.uncover(&mut files, &mut survey)?;
    let staged: HashSet<&RepoPath> = found.staged.iter().collect();
    let is_doubtful = |path: &RepoPath, it: &Stood| {
        let is_edited = it.is_work && it.state.is_some() && tracked.contains_key(path);
        is_edited || staged.contains(path) || look.converted.contains(path)
    };
    let doubtful = files.iter().filter(|(path, stood)| is_doubtful(path, stood));
    let doubtful = doubtful.map(|(path, _)| path.clone()).collect();
    let around = Surroundings {
        looked,
        branch: store.refs.branch()?,
        settings: elsewhere::settings(store),
        exclude: store.settings.exclude.clone(),
        files,
        folders: seen
            .folders
            .into_iter()
            .map(|(it, (bits, all))| (it, all.then_some(bits)))
            .collect(),
        ignored: elsewhere::ignored(&look.tree, &found.ignored)?,
        ..elsewhere::look(store, &modules)?
    };
    file::write_around(&store.repository, &around)?;
    if look.is_new {
        file::write_seen(&store.repository, &around);
    }
    let head = store.refs.head()?.map(|id| id.to_string());
    Ok(Before { head, around, survey, doubtful, too_much: look.too_much })
}

struct LookBefore<'a, P: Fn((i64, u32)) -> bool> {
    store: &'a Store,
    tree: Tree<'a>,
    /// Tracked files that the settings leave out.
    left_out: HashSet<RepoPath>,
    too_much: Vec<(RepoPath, String)>,
    /// Files that Git was told not to look at, or has no reason to.
    hidden: Vec<RepoPath>,
    /// What the last look has found, and which times prove that it is so still.
    known: &'a Surroundings,
    proves: P,
    /// It has not found all that it would again.
    is_new: bool,
    /// Files that are as Git has seen them last, but have other bytes than their blobs.
    converted: HashSet<RepoPath>,
}

impl<P: Fn((i64, u32)) -> bool> LookBefore<'_, P> {
    /// One file or link as it stands. It is `listed` if Git calls it changed or untracked.
    fn stand(
        &mut self,
        path: &RepoPath,
        stat: &Stat,
        entry: Option<&held::TrackedPath>,
        listed: bool,
    ) -> Result<Stood> {
        let seal = surroundings::seal_of(stat);
        let mut stood = Stood { seal, state: None, is_work: listed, lines_of: None };
        if self.left_out.contains(path) {
            stood.is_work = true;
            return Ok(stood);
        }
        let is_file = stat.kind == EntryKind::File;
        if !listed && let Some(known) = self.known(path, &seal, entry) {
            (stood.state, stood.lines_of) = (known.state.clone(), known.lines_of.clone());
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

    /// What was found there the last time, if nobody has written to it since and Git has it.
    fn known(
        &self,
        path: &RepoPath,
        seal: &Seal,
        entry: Option<&held::TrackedPath>,
    ) -> Option<&Stood> {
        let id = entry.filter(|entry| !entry.is_hidden)?.id?;
        let known = known_as(self.known, path, id)?;
        (known.seal == *seal && (self.proves)(seal.changed)).then_some(known)
    }

    /// Reads it, and keeps its bytes unless Git has them as the blob `id`, or they are its lines with other ends, and that
    /// is said then. `None`: they are many, and Git makes them of that blob.
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
    fn uncover(
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
                Some(file) => file.state = FileState::Edited,
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

/// What the last look has found at `path`, if that was the blob `id`, line ends aside.
fn known_as<'a>(known: &'a Surroundings, path: &RepoPath, id: Oid) -> Option<&'a Stood> {
    let stood = known.files.get(path)?;
    let is_lines = stood.lines_of.as_ref().is_some_and(|of| *of == id.to_string());
    (is_lines || is_blob(stood.state.as_ref(), Some(id))).then_some(stood)
}

fn is_blob(state: Option<&State>, id: Option<Oid>) -> bool {
    let id = id.map(|id| id.to_string());
    matches!(state, Some(State::File { blob, .. }) if Some(blob) == id.as_ref())
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
