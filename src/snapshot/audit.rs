//! The audit: are the unstaged edits that were there before still there?

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;

use anyhow::Result;

use crate::backups::{Store, restore};
use crate::git::objects::Oid;
use crate::git::survey::at_risk;
use crate::git::survey::pathspec::SurveyOptions;
use crate::git::worktree::filtered;
use crate::model::at_risk::{FileState, Survey};
use crate::model::events::attempt::{Attempt, Edit, Stamp};
use crate::model::events::event::Kind;
use crate::model::names::repo_path::RepoPath;
use crate::os::folder::{Folder, Stat};

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// The file is gone, or equal to what was committed or staged of it then: the edits are lost from it.
    pub vanished: Vec<RepoPath>,
    /// The file has changed in another way: a formatter, a person.
    pub changed: Vec<RepoPath>,
}

/// Looks at every unstaged edit of `attempt`. As long as a file has not been written to, a look at its
/// state is all it takes.
pub fn audit(store: &Store, attempt: &Attempt) -> Result<Audit> {
    look(store, attempt, &attempt.edits)
}

/// The files that were staged, are not among the `committed` ones, and are gone or as HEAD has them: a
/// hook has thrown the index away, and with `commit -a` the only version there was.
pub fn lost_from_index(
    store: &Store,
    attempt: &Attempt,
    committed: &[RepoPath],
) -> Result<Vec<RepoPath>> {
    let mut seen: HashSet<&RepoPath> = committed.iter().collect();
    let of_kind = |kind| attempt.events.iter().filter(move |event| event.kind == Some(kind));
    // Edits on top of what was staged are looked at elsewhere.
    seen.extend(of_kind(Kind::Worktree).map(|event| &event.path));
    let suspects: Vec<Edit> = of_kind(Kind::Staged)
        .filter(|event| seen.insert(&event.path))
        .filter_map(|event| {
            let (path, blob) = (event.path.clone(), event.blob.clone()?);
            Some(Edit { path, blob, stamp: Stamp::default(), staged: None, hidden: None })
        })
        .collect();
    look(store, attempt, &suspects).map(|audit| audit.vanished)
}

/// The same while the commit is under way and its hook has failed: then only Git's index may still have
/// what was staged, unless that is one of this commit's own (`-a`, `-o`), which goes with it.
pub fn lost_with_index(store: &Store, attempt: &Attempt) -> Result<Vec<RepoPath>> {
    let mut lost = lost_from_index(store, attempt, &[])?;
    let index = std::env::var_os("GIT_INDEX_FILE").unwrap_or_default();
    if !lost.is_empty() && Path::new(&index).extension() != Some(OsStr::new("lock")) {
        let staged: HashSet<RepoPath> =
            survey(store, &lost)?.files.into_iter().map(|file| file.path).collect();
        lost.retain(|path| !staged.contains(path));
    }
    Ok(lost)
}

fn look(store: &Store, attempt: &Attempt, edits: &[Edit]) -> Result<Audit> {
    let mut audit = Audit::default();
    if edits.is_empty() {
        return Ok(audit);
    }
    let top = Folder::open(&store.repository.top)?;
    let tree = OnceCell::new();
    let before = |edit: &Edit| {
        let tree = *tree.get_or_init(|| tree_of(store, attempt));
        HadByGit::of(store, tree, edit)
    };
    let mut unsure = Vec::new();
    for edit in edits {
        match fate(store, &top, before, edit) {
            Fate::Whole => {}
            Fate::Vanished => audit.vanished.push(edit.path.clone()),
            Fate::Changed => unsure.push(edit),
        }
    }
    // Only Git can compare what goes through filters.
    let git = store.repository.git();
    let paths: Vec<&RepoPath> = unsure.iter().map(|edit| &edit.path).collect();
    let clean = filtered::clean_ids(&git, &paths)?;
    for (edit, clean) in unsure.into_iter().zip(clean) {
        let bytes = || restore::present_bytes(store, &edit.path).ok().flatten();
        // A filter may hide an edit from Git by making the same of it.
        let is_gone = before(edit).has(&clean)
            && (store.settings.filters.is_empty()
                || bytes() == filtered::written_out(&git, &edit.path, &clean).ok());
        let list = if is_gone { &mut audit.vanished } else { &mut audit.changed };
        list.push(edit.path.clone());
    }
    audit.vanished.sort();
    Ok(audit)
}

/// The tree of the commit that HEAD named when it began.
fn tree_of(store: &Store, attempt: &Attempt) -> Option<Oid> {
    let head = store.objects.parse(attempt.head.as_ref()?).ok()?;
    store.objects.commit(head).ok().map(|(tree, _)| tree)
}

/// What Git had of a file when the attempt began: a file that holds that instead of the edit has lost the edit.
/// What Git has now may well be the edit itself.
struct HadByGit(Vec<String>);

impl HadByGit {
    fn of(store: &Store, tree: Option<Oid>, edit: &Edit) -> Self {
        if let Some(hidden) = &edit.hidden {
            return Self(vec![hidden.clone()]);
        }
        let committed = tree.and_then(|tree| store.objects.lookup(tree, &edit.path).ok().flatten());
        let committed = committed.map(|entry| entry.id.to_string());
        Self(committed.into_iter().chain(edit.staged.clone()).collect())
    }

    fn has(&self, id: &str) -> bool {
        self.0.iter().any(|known| known == id)
    }
}

/// Those of `paths` that Git says differ from the index.
pub fn still_edited(store: &Store, paths: &[RepoPath]) -> Result<HashSet<RepoPath>> {
    if paths.is_empty() {
        return Ok(HashSet::new());
    }
    let files = survey(store, paths)?.files.into_iter();
    Ok(files.filter(|file| file.state == FileState::Edited).map(|file| file.path).collect())
}

/// What Git says of these files.
fn survey(store: &Store, paths: &[RepoPath]) -> Result<Survey> {
    let only = paths.iter().map(|path| [b":(top,literal)", path.as_bytes()].concat()).collect();
    let options = SurveyOptions { only, ..SurveyOptions::default() };
    at_risk::start(&store.repository.git(), &options)?.finish()
}

enum Fate {
    Whole,
    Vanished,
    Changed,
}

fn fate(store: &Store, top: &Folder, before: impl Fn(&Edit) -> HadByGit, edit: &Edit) -> Fate {
    let Ok(folder) = top.parent_of(&edit.path) else { return Fate::Vanished };
    let stat = folder.stat(edit.path.file_name()).ok().flatten();
    if stat.as_ref().is_some_and(|stat| stamp_of(stat) == edit.stamp) {
        return Fate::Whole;
    }
    let bytes = folder
        .read(edit.path.file_name())
        .and_then(|source| crate::backups::files::read_whole(source.file, &source.stat));
    let Ok(bytes) = bytes else { return Fate::Vanished };
    let Ok(id) = store.id_of(&edit.path, &bytes) else { return Fate::Changed };
    let id = id.to_string();
    // What Git has is not gone, whatever becomes of it.
    let before = before(edit);
    if id == edit.blob || before.has(&edit.blob) {
        return Fate::Whole;
    }
    if before.has(&id) { Fate::Vanished } else { Fate::Changed }
}

/// Whether HEAD has these bytes for this path.
pub fn is_committed(store: &Store, path: &RepoPath, id: &str) -> bool {
    let look = || -> Result<bool> {
        let Some(head) = store.refs.head()? else { return Ok(false) };
        let (tree, _) = store.objects.commit(head)?;
        let entry = store.objects.lookup(tree, path)?;
        Ok(entry.is_some_and(|entry| entry.id.to_string() == id))
    };
    look().unwrap_or(false)
}

/// As much of a file's state as an attempt remembers.
pub fn stamp_of(stat: &Stat) -> Stamp {
    Stamp { size: stat.size, modified: stat.modified, inode: stat.inode.1 }
}
