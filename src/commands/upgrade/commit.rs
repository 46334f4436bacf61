//! The commit of an upgrade, and the end of its backups.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::Stopped;
use crate::backups::{Store, clean_up};
use crate::commands::Session;
use crate::git::commit;
use crate::git::survey::{committed, standing};
use crate::model::events::event::EventKind;
use crate::model::names::quote::shell_word;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::Cleanup;
use crate::model::transaction::{Step, Transaction};
use crate::os::platform::for_shell;
use crate::os::{child, private};
use crate::term::upgrade::pass_on;
use crate::transaction;
use crate::transaction::{Changes, Upgrade};

/// Commits what was changed, and nothing else. Its id, or why not; the index is as before then.
pub fn make(session: &Session, upgrade: &mut Upgrade<'_>) -> Result<String, Stopped> {
    let Some(message) = upgrade.record.commit.clone() else { return Ok(String::new()) };
    let failed = |error: anyhow::Error| Stopped::by("commit", &error);
    upgrade.begin_step(Step::Commit).map_err(failed)?;
    session.term.committing();
    let repository = &session.store.repository;
    let paths = commit::Paths::of(repository, &upgrade.record.paths()).map_err(failed)?;
    let list = list_of(session, &paths).map_err(failed)?;
    upgrade.record.announced.extend_from_slice(&paths.new);
    let ended = upgrade.save().and_then(|()| paths.announce(repository)).and_then(|()| {
        let command = commit::command(repository, &message, &list);
        private::unshared(|| child::run(command, pass_on))
    });
    let _ = std::fs::remove_file(&list);
    let head = session.store.refs.head().ok().flatten().map(|id| id.to_string());
    let is_made = match &ended {
        Ok(ended) if ended.status == 0 => true,
        // Interrupted after it was made: it stays.
        _ => matches!(committed(session, &upgrade.record), Ok(Some(_))),
    };
    if is_made {
        return Ok(head.unwrap_or_default());
    }
    let mut stopped = match ended {
        Ok(ended) => Stopped::of("commit", "the commit", ended),
        Err(error) => Stopped::by("commit", &error),
    };
    if let Err(error) = forget_announced(session, upgrade) {
        stopped.reason += &format!("; new files stay announced in the index: {error:#}");
    }
    Err(stopped)
}

/// The index forgets the files that it was told of for a commit that was not made.
pub(super) fn forget_announced(session: &Session, upgrade: &mut Upgrade<'_>) -> Result<()> {
    commit::take_back(&session.store.repository, &upgrade.record.announced)?;
    upgrade.record.announced.clear();
    upgrade.save()
}

fn list_of(session: &Session, paths: &commit::Paths) -> Result<PathBuf> {
    let file = transaction::paths_of(&session.store.repository);
    private::write(&file, &paths.pathspecs()).with_context(|| format!("{}", file.display()))?;
    Ok(file)
}

/// Keeps those of the `changes` of a run's command that a commit would have; whether there are any. One of a file that
/// had work in it before the command is an error: that would be committed, too.
pub(super) fn find_changed(
    session: &Session,
    upgrade: &mut Upgrade<'_>,
    changes: Changes,
) -> Result<bool> {
    let Store { repository, objects, refs, .. } = &session.store;
    let mut changes = changes.touched;
    let paths: Vec<RepoPath> = changes.iter().map(|it| it.path.clone()).collect();
    // What the command has committed itself is no change any more.
    let standing = standing::of(&repository.git(), &paths)?;
    let differing = committed::differing(repository, objects, refs.head()?, &paths)?;
    let is_change = |path: &RepoPath| standing.contains_key(path) || differing.contains(path);
    changes.retain(|touched| is_change(&touched.path));
    let around = upgrade.around()?;
    let had_work = |path: &RepoPath| around.files.get(path).is_some_and(|stood| stood.is_work);
    let mixed = changes.iter().find(|change| had_work(&change.path));
    if let Some(mixed) = mixed.filter(|_| !upgrade.record.include_dirty) {
        let path = session.term.path(&mixed.path);
        bail!(
            "{path}: it had uncommitted work before, which would be committed, too: commit it first, or use \
             --include-dirty"
        );
    }
    let paths: Vec<RepoPath> = changes.iter().map(|it| it.path.clone()).collect();
    none_skipped(session, &paths)?;
    upgrade.record.touched = changes;
    Ok(!upgrade.record.paths().is_empty())
}

/// An error if Git would not commit one of `paths`.
pub fn none_skipped(session: &Session, paths: &[RepoPath]) -> Result<()> {
    let repository = &session.store.repository;
    let Some(path) = committed::skipped(&repository.git(), paths)? else { return Ok(()) };
    let place = repository.top.join(path.to_path_buf());
    let word = shell_word(&for_shell(&place));
    let path = session.term.path(&path);
    bail!("{path}: Git would not commit it: git update-index --no-skip-worktree {word}")
}

/// The commit that holds all that the upgrade has changed, if it had come to that.
pub(super) fn committed(session: &Session, record: &Transaction) -> Result<Option<String>> {
    let head = session.store.refs.head()?.map(|id| id.to_string());
    if record.step != Step::Commit || head == record.head {
        return Ok(None);
    }
    // In Git's eyes, for a file's bytes may differ from its blob's.
    let standing = standing::of(&session.store.repository.git(), &record.paths())?;
    Ok(head.filter(|_| standing.is_empty()))
}

/// Ends the upgrade after its commit: its backups are let go.
pub fn clean_up(session: &Session, upgrade: Upgrade<'_>, commit: &str) -> Result<()> {
    session.term.committed(commit);
    let_go(session, &upgrade.record, commit);
    upgrade.finish()
}

/// Lets the backups of what is committed go, as the settings say.
pub(super) fn let_go(session: &Session, record: &Transaction, commit: &str) {
    let store = &session.store;
    if store.settings.cleanup == Cleanup::Never {
        return;
    }
    store.backups.look_again();
    let mut names = record.backups.clone();
    if store.settings.cleanup == Cleanup::Committed {
        let committed = record.paths();
        names.retain(|(path, _)| committed.contains(path));
    }
    names.sort();
    names.dedup();
    let backups = names.iter().filter_map(|(path, name)| store.backups.find(path, name));
    let unlinked = clean_up::unlink(store, backups.collect(), EventKind::Cleaned, Some(commit));
    session.term.cleaned_after_commit(&unlinked);
    session.record(&unlinked.events);
}
