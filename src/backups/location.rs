//! Where the backup of each file of a snapshot goes: beside it, unless that would do harm or is not wanted.
//!
//! What could go wrong: Git sees a backup, and the next `git add -A` takes it. Only a line with `!` in a `.gitignore`
//! of the file's own folders makes it see one, for such a file outranks the ignore block: where there is one that may,
//! Git itself is asked, once for all such files and before there is anything to see. If it can't say, the backup goes
//! elsewhere.
//!
//! Attributes and settings express wishes, and never put a backup where Git would see it. Git isn't asked for
//! attributes where no attributes file in those folders mentions `bak`. All these files are read as Git reads them,
//! through no link.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::rc::Rc;

use anyhow::Result;

use super::{Store, ignore_block};
use crate::git::repository::Repository;
use crate::git::survey::{ignored, tracked};
use crate::git::worktree::filtered::{self, BakAttribute};
use crate::model::harm::{self, DEBIAN, Harm, MANIFESTS};
use crate::model::names::backup_name::temporary_name;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::{Location, Settings};
use crate::os::folder::{EntryKind, Folder};

/// An example of how a backup's name ends.
const PROBE: &[u8] = b".bak.20251106_201045.0a1b2c3d";

/// Where a backup goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    Beside,
    /// To the same path under `bak/files`, for this reason if it isn't wanted so.
    GitDir(Option<Harm>),
    /// Into the vault alone, and why.
    Vault(String),
}

/// The folders of some files, and what is said in them of backups.
pub struct Locations<'a> {
    repository: &'a Repository,
    location: Location,
    folders: RefCell<HashMap<Option<RepoPath>, Rc<Rules>>>,
    wishes: HashMap<RepoPath, BakAttribute>,
}

/// What one folder, and those above it, say.
struct Rules {
    folder: Option<Folder>,
    above: Option<Rc<Rules>>,
    speaks_of_bak: bool,
    may_unignore: OnceCell<bool>,
    packager: OnceCell<Option<Harm>>,
}

impl<'a> Locations<'a> {
    /// Those of `paths`, with what their attributes wish.
    pub fn of<'p>(
        repository: &'a Repository,
        settings: &Settings,
        paths: impl IntoIterator<Item = &'p RepoPath>,
    ) -> Self {
        let (folders, wishes) = Default::default();
        let mut all = Self { repository, location: settings.location, folders, wishes };
        let common = repository.common_dir.join("info/attributes");
        let everywhere = std::fs::read(common).is_ok_and(|text| harm::speaks_of_bak(&text));
        let paths: BTreeSet<&RepoPath> = paths.into_iter().collect();
        let asked: Vec<&RepoPath> = paths
            .into_iter()
            .filter(|path| everywhere || all.rules(path.parent()).speaks_of_bak)
            .collect();
        if !asked.is_empty() {
            // Without an answer it is as if nothing was wished.
            let found = filtered::attributes(&repository.git(), &asked).unwrap_or_default();
            all.wishes = found.into_iter().map(|(path, it)| (path, it.bak)).collect();
        }
        all
    }

    /// The attributes say that no copy of it is wanted.
    pub fn leaves_out(&self, path: &RepoPath) -> bool {
        self.wishes.get(path) == Some(&BakAttribute::Unset)
    }

    /// Where the backups of these files go.
    pub fn decide(&self, paths: &BTreeSet<&RepoPath>) -> HashMap<RepoPath, Goal> {
        let mut goals: HashMap<RepoPath, Goal> =
            paths.iter().map(|path| ((*path).clone(), self.wished(path))).collect();
        let is_beside = |path: &&&RepoPath| goals.get(**path) == Some(&Goal::Beside);
        let beside: Vec<RepoPath> =
            paths.iter().filter(is_beside).map(|path| (*path).clone()).collect();
        if beside.is_empty() {
            return goals;
        }
        if let Err(error) = ignore_block::ensure(self.repository) {
            let reason = format!("backups beside the files would not be ignored: {error:#}");
            goals.extend(beside.into_iter().map(|path| (path, Goal::Vault(reason.clone()))));
            return goals;
        }
        let doubtful = beside.into_iter().filter(|path| self.rules(path.parent()).may_unignore());
        let doubtful: Vec<RepoPath> = doubtful.collect();
        let seen = if doubtful.is_empty() { Ok(Vec::new()) } else { self.seen_by_git(&doubtful) };
        for path in seen.unwrap_or(doubtful) {
            goals.insert(path, Goal::GitDir(Some(Harm::Unignored)));
        }
        goals
    }

    fn wished(&self, path: &RepoPath) -> Goal {
        match (self.wishes.get(path), self.location) {
            (Some(BakAttribute::Beside), _) => Goal::Beside,
            (Some(BakAttribute::GitDir), _) | (_, Location::Gitdir) => Goal::GitDir(None),
            (_, Location::Beside) => Goal::Beside,
            (_, Location::Auto) => match harm::read_whole(path) {
                Some(harm) => Goal::GitDir(Some(harm)),
                None => match self.rules(path.parent()).packager() {
                    Some(harm) => Goal::GitDir(Some(harm.clone())),
                    None => Goal::Beside,
                },
            },
        }
    }

    /// Those of `paths` of which Git would see a backup, finished or being written.
    fn seen_by_git(&self, paths: &[RepoPath]) -> Result<Vec<RepoPath>> {
        let mut names: Vec<(Vec<u8>, &RepoPath)> = Vec::new();
        for path in paths {
            let finished = [path.file_name(), PROBE].concat();
            for name in [finished, temporary_name(path.file_name(), 1, 1)] {
                names.push((path.with_file_name(&name)?.as_bytes().to_vec(), path));
            }
        }
        let asked: Vec<Vec<u8>> = names.iter().map(|(name, _)| name.clone()).collect();
        let seen = ignored::not_ignored(&self.repository.git(), &asked)?;
        let of_seen = names.into_iter().filter(|(name, _)| seen.contains(name));
        Ok(of_seen.map(|(_, path)| path.clone()).collect())
    }

    fn rules(&self, folder: Option<RepoPath>) -> Rc<Rules> {
        if let Some(known) = self.folders.borrow().get(&folder) {
            return Rc::clone(known);
        }
        let above = folder.as_ref().map(|folder| self.rules(folder.parent()));
        let opened = match (&folder, &above) {
            (Some(path), Some(above)) => {
                above.folder.as_ref().and_then(|above| above.inside(path.file_name()).ok())
            }
            _ => Folder::open(&self.repository.top).ok(),
        };
        let speaks =
            |folder| read(folder, ".gitattributes").is_some_and(|text| harm::speaks_of_bak(&text));
        let speaks_of_bak = above.as_ref().is_some_and(|above| above.speaks_of_bak)
            || opened.as_ref().is_some_and(speaks);
        let (may_unignore, packager) = Default::default();
        let rules = Rc::new(Rules { folder: opened, above, speaks_of_bak, may_unignore, packager });
        self.folders.borrow_mut().insert(folder, Rc::clone(&rules));
        rules
    }
}

impl Rules {
    fn may_unignore(&self) -> bool {
        let here = || read(self.folder.as_ref()?, ".gitignore");
        *self.may_unignore.get_or_init(|| {
            here().is_some_and(|text| harm::may_unignore(&text))
                || self.above.as_ref().is_some_and(|above| above.may_unignore())
        })
    }

    /// Its packager, by the nearest manifest upwards, if that would take backups, too.
    fn packager(&self) -> Option<&Harm> {
        let found = self.packager.get_or_init(|| {
            let own = self.folder.as_ref().and_then(of_manifests);
            own.unwrap_or_else(|| self.above.as_ref()?.packager().cloned())
        });
        found.as_ref()
    }
}

/// What the manifests in a folder come to: `None` if there is none.
fn of_manifests(folder: &Folder) -> Option<Option<Harm>> {
    let said = MANIFESTS.iter().filter_map(|name| {
        // One that leads elsewhere, or can't be read, is one all the same.
        let text = match folder.stat(name.as_bytes()) {
            Ok(None) => return None,
            _ => read(folder, name).unwrap_or_default(),
        };
        Some((*name, harm::packager(name, &text)?))
    });
    let mut said: Vec<(&str, Option<Harm>)> = said.collect();
    // A project that names its backend is not built by the older files beside that.
    if said.iter().any(|(name, _)| *name == "pyproject.toml") {
        said.retain(|(name, _)| !name.starts_with("setup."));
    }
    let debian = folder.stat(DEBIAN.as_bytes());
    if debian.is_ok_and(|stat| stat.is_some_and(|stat| stat.kind == EntryKind::Folder)) {
        said.push((DEBIAN, Some(Harm::Packed("dpkg-source"))));
    }
    let is_there = !said.is_empty();
    is_there.then(|| said.into_iter().find_map(|(_, harm)| harm))
}

/// A small file of that name, through no link.
fn read(folder: &Folder, name: &str) -> Option<Vec<u8>> {
    const MOST: u64 = 1 << 20;
    let mut text = Vec::new();
    folder.read(name.as_bytes()).ok()?.file.take(MOST).read_to_end(&mut text).ok()?;
    Some(text)
}

/// Why the backups of a file don't lie beside it, if that is so because of what they would do there.
pub fn why(store: &Store, path: &RepoPath) -> Option<Harm> {
    let goals =
        Locations::of(&store.repository, &store.settings, [path]).decide(&BTreeSet::from([path]));
    goals.into_values().find_map(|goal| match goal {
        Goal::GitDir(harm) => harm,
        _ => None,
    })
}

/// The tracked files whose backups wouldn't lie beside them, and why.
#[derive(Debug, Default)]
pub struct Elsewhere {
    pub files: usize,
    pub harms: BTreeSet<Harm>,
}

/// Looks at all tracked files. The ignore block must stand.
pub fn elsewhere(repository: &Repository, settings: &Settings) -> Result<Elsewhere> {
    let paths = tracked::all(&repository.git())?;
    let goals = Locations::of(repository, settings, &paths).decide(&paths.iter().collect());
    let mut found = Elsewhere::default();
    for goal in goals.into_values() {
        if let Goal::GitDir(Some(harm)) = goal {
            found.files += 1;
            found.harms.insert(harm);
        }
    }
    Ok(found)
}
