//! `hook agent NAME`: what a coding agent starts before each use of a tool, with JSON on standard input.
//!
//! What could go wrong: an agent takes words on standard output for an answer, and some take a status for a refusal.
//! So nothing is ever said, and the status is 0, whatever happens.
//!
//! Order of steps, and why:
//! 1. all of the input is read, for an agent may call a closed pipe an error;
//! 2. a tool or a command that only reads is answered at once: nothing is opened, no clock is read;
//! 3. before an edit, the files that it names, each in the repository that it really lies in: where a link leads, the
//!    edit would be, too. Most of them are as Git has them, and no edit takes the vault: that alone keeps them. Of one
//!    that isn't there yet, that is noted;
//! 4. before all else, everything uncommitted in the repository that the agent works in, in its submodules and in
//!    repositories inside it, each in its own, with files beside: a command may well delete the Git directory.
//!
//! Agents wait for half a minute at least. To die before is harmless: what is noted by then is kept.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;

use super::asking::Answers;
use super::{is_off, read_settings};
use crate::backups::Store;
use crate::git::command::ask_no_monitor;
use crate::git::objects::Objects;
use crate::git::refs::Refs;
use crate::git::repository::Repository;
use crate::git::survey::{missing, untracked};
use crate::git::worktree::{spelling, submodules};
use crate::model::agents::agent_step::{AgentStep, AtStake};
use crate::model::command::danger;
use crate::model::events::agent_note::AgentNote;
use crate::model::events::event::Kind;
use crate::model::names::backup_name::is_ours;
use crate::model::names::quote::quote;
use crate::model::names::repo_path::RepoPath;
use crate::model::now::Now;
use crate::model::settings::{Scope, Settings};
use crate::os::process;
use crate::snapshot;
use crate::snapshot::plan::{self, From, Wanted};
use crate::snapshot::{Request, guarded, staging, unseen};

/// After so long no further file is read: what is read has to be noted before the agent gives up on us.
const READING: Duration = Duration::from_secs(20);

/// What is nested deeper than this is not looked into.
const DEEPEST: usize = 8;

/// More than any agent gives.
const MOST: u64 = 1 << 28;

/// Does what there is to do.
pub fn run(agent: &str, now: impl FnOnce() -> Now) {
    let mut json = Vec::new();
    let read = std::io::stdin().take(MOST).read_to_end(&mut json);
    if read.is_err() || is_off() {
        return;
    }
    let step = AgentStep::of(&json);
    drop(json);
    if step.at_stake == AtStake::Nothing {
        return;
    }
    process::survive_file_size_limit();
    ask_no_monitor();
    let Ok(cwd) = std::env::current_dir() else { return };
    let folder = step.folder.as_ref().map_or(cwd.clone(), |folder| cwd.join(folder));
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let note = step.note(agent, i64::try_from(clock.as_secs()).unwrap_or_default());
    let until = Instant::now() + READING;
    let keeping = Keeping { cause: step.cause(agent), note, now: now(), until };
    match &step.at_stake {
        AtStake::Nothing => {}
        AtStake::Files(names) => keeping.named(&folder, names),
        AtStake::Everything => keeping.everything_in(&folder),
    }
}

struct Keeping {
    cause: String,
    note: AgentNote,
    now: Now,
    until: Instant,
}

impl Keeping {
    /// The files of these names; of one that is a folder, all that its repository has.
    fn named(&self, folder: &Path, names: &[String]) {
        let mut repositories: Vec<(Repository, Vec<RepoPath>)> = Vec::new();
        let in_time = |_: &&String| Instant::now() < self.until;
        let names = names.iter().take_while(in_time);
        for place in names.filter_map(|name| real(&folder.join(name))) {
            if place.is_dir() {
                self.everything_in(&place);
            } else if let Some((repository, path)) = in_repository(&place) {
                match repositories.iter_mut().find(|(known, _)| known.top == repository.top) {
                    Some((_, paths)) if paths.contains(&path) => {}
                    Some((_, paths)) => paths.push(path),
                    None => repositories.push((repository, vec![path])),
                }
            }
        }
        for (repository, paths) in repositories {
            let _ = self.files(repository, paths);
        }
    }

    fn files(&self, repository: Repository, paths: Vec<RepoPath>) -> Result<()> {
        let (_, settings, _) = read_settings(&repository, &self.now)?;
        let paths = untracked::not_excluded(&repository.git(), paths, &settings.exclude)?;
        if !settings.enabled || paths.is_empty() {
            return Ok(());
        }
        let (absent, there): (Vec<RepoPath>, Vec<RepoPath>) =
            paths.into_iter().partition(|path| is_absent(&repository, path));
        let store = Store::open(repository, settings, self.now)?;
        let of_file = |path| Wanted { path, kind: Kind::Guard, from: From::WorkingTree };
        let wanted = there.into_iter().map(of_file).collect();
        snapshot::take(&store, &Request { wanted, vault_alone: true, ..self.request(&absent) })?;
        Ok(())
    }

    fn everything_in(&self, folder: &Path) {
        // Outside a repository there is nothing to do.
        if let Ok(repository) = Repository::discover(folder) {
            self.all_of(repository, DEEPEST);
        }
    }

    /// The repository, its submodules, and those that lie in it: a command deletes them all.
    fn all_of(&self, repository: Repository, depth: usize) {
        let modules = submodules::checked_out(&repository);
        let Ok(nested) = self.everything(repository) else { return };
        for inner in modules.into_iter().chain(nested) {
            if depth > 0 && Instant::now() < self.until {
                self.all_of(inner, depth - 1);
            }
        }
    }

    /// The result: the repositories in it that it doesn't track.
    fn everything(&self, repository: Repository) -> Result<Vec<Repository>> {
        let surveyed = Some(SystemTime::now());
        let (objects, refs) = (Objects::of(&repository), Refs::open(&repository));
        let missing = missing::start(&repository.git());
        let asked = Answers::of(&repository, &objects, &refs, &self.now, false)?;
        if !asked.settings.enabled {
            return Ok(Vec::new());
        }
        // What pre-commit passes over by this setting is lost all the same.
        let scope = asked.settings.scope;
        let scope = if scope == Scope::Staged { Scope::Tracked } else { scope };
        let settings = Settings { scope, ..asked.settings };
        let survey = asked.survey?.survey;
        let missing = missing.map(missing::finish).unwrap_or_default().into_iter();
        let absent: Vec<RepoPath> = missing.filter(|path| is_absent(&repository, path)).collect();
        let store = Store::with(objects, refs, repository, settings, self.now)?;
        let mut edits = plan::of_survey(&store, &survey);
        let _ = unseen::add(&store, &mut edits);
        let guarded = guarded::find(&store, &danger::unknown(), edits.wanted, survey.gone)?;
        let (wanted, carried) = staging::unseen(&store, guarded.wanted);
        let request = Request { wanted, carried, surveyed, full: true, ..self.request(&absent) };
        snapshot::take(&store, &request)?;
        let open = |path: RepoPath| {
            submodules::open(&store.repository.top.join(path.to_path_buf()), &store.repository)
        };
        Ok(guarded.nested.into_iter().filter_map(open).collect())
    }

    fn request(&self, absent: &[RepoPath]) -> Request {
        let absent = absent.iter().map(|path| quote(path.as_bytes(), true)).collect();
        Request {
            cause: self.cause.clone(),
            agent: Some(AgentNote { absent, ..self.note.clone() }),
            may_be_moment: true,
            may_leave_out: true,
            until: Some(self.until),
            ..Request::default()
        }
    }
}

/// The repository that a file lies in, and its path there; `None` for what isn't to be copied.
fn in_repository(place: &Path) -> Option<(Repository, RepoPath)> {
    let above = place.ancestors().skip(1).find(|folder| folder.is_dir())?;
    let repository = Repository::discover(above).ok()?;
    let below: PathBuf = spelling::below(&repository.top, place)?;
    let path = RepoPath::from_path(&below).ok()?;
    let is_plain = place.symlink_metadata().map_or(true, |found| found.is_file());
    (is_plain && !is_ours(path.file_name())).then_some((repository, path))
}

/// Where it really lies; what isn't there yet, where it would.
fn real(place: &Path) -> Option<PathBuf> {
    match place.canonicalize() {
        Err(error) if error.kind() == ErrorKind::NotFound && !place.is_symlink() => {
            Some(real(place.parent()?)?.join(place.file_name()?))
        }
        found => found.ok(),
    }
}

fn is_absent(repository: &Repository, path: &RepoPath) -> bool {
    let found = repository.top.join(path.to_path_buf()).symlink_metadata();
    found.is_err_and(|error| error.kind() == ErrorKind::NotFound)
}
