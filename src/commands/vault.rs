//! vault: Git in the vault, with the record folded into it first.

use anyhow::{Context, Result};

use super::Session;
use crate::cli::VaultArgs;
use crate::exit_status::{ExitStatus, NothingFound};
use crate::vault::fold;
use crate::vault::git::Sealed;

/// Runs it; the status is Git's own.
pub fn run(session: &Session, args: &VaultArgs) -> Result<ExitStatus> {
    let store = &session.store;
    let progress = session.term.progress("folding the record");
    let folded = fold::fold(&store.repository, &store.record, session.fold_settings(), &store.now);
    drop(progress);
    if let Err(error) = folded {
        // What was folded before is there all the same.
        session.term.not_folded(&error);
    }
    if !store.vault.git_dir().join("HEAD").is_file() {
        return Err(NothingFound("there is no vault here yet: git add makes it".into()).into());
    }
    let git = Sealed::of(store.vault.git_dir());
    let status = git.for_user(&args.args).status().context("git can't be started")?;
    Ok(ExitStatus::of_child(status))
}
