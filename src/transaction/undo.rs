//! Undoing what a command has done, and whatever else happened meanwhile.
//!
//! Order of steps, and why it is safe: the rules first by which Git ignores and converts files, for a command
//! may have changed them, and with others an ignored file would look like a new one; then all other files,
//! as every rollback puts them back (what is not known goes into the vault before it is replaced); then empty
//! folders; then the index, through Git, which by then finds the files it names. Then all of it is looked at once
//! more: what is said to be as it was has been seen. All of it goes by what stands there, so it can be done again after
//! a crash in its middle. The record goes last.

use anyhow::{Context, Result};

use super::changes::Changes;
use super::rollback::RolledBack;
use super::{Upgrade, before, file, folder_of};
use crate::git::worktree::saved_index;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::bytes_of;
use crate::os::private;

impl Upgrade<'_> {
    /// Puts the working tree and the index back as they were. Signals don't stop it.
    pub fn undo(&mut self) -> Result<RolledBack> {
        self.changed = None;
        let mut done = RolledBack::default();
        self.mend_settings()?;
        let rules = self.changes(is_rule)?;
        if !rules.touched.is_empty() {
            self.put_back_files(&rules, &mut done)?;
        }
        let all = self.changes(|_| true)?;
        self.put_back_files(&all, &mut done)?;
        self.put_back_folders(&all, &mut done);
        match self.put_back_index() {
            Ok(was_another) => done.index_is_back = was_another,
            Err(error) => done.index_failed = Some(format!("{error:#}")),
        }
        self.look_again(&mut done)?;
        if done.is_whole() {
            file::remove(&self.store.repository)?;
        }
        Ok(done)
    }

    /// Where Git can't go by its settings any more nothing can be done, and nothing is lost with them.
    fn mend_settings(&self) -> Result<()> {
        let repository = &self.store.repository;
        let config = repository.common_dir.join("config");
        let was = self.around()?.settings.get(&bytes_of(config.as_os_str()));
        if let Some(Some(was)) = was
            && repository.git().output(["rev-parse", "--git-dir"]).is_err()
        {
            private::write(&config, was).with_context(|| format!("{}", config.display()))?;
        }
        Ok(())
    }

    /// Names whatever is not as it was.
    fn look_again(&self, done: &mut RolledBack) -> Result<()> {
        let left = self.changes(|_| true)?;
        let mut failed = std::mem::take(&mut done.failed);
        let others = left.touched.into_iter().map(|it| it.path).chain(left.gone);
        let others = others.chain(left.folders.into_iter().map(|(path, _)| path));
        for path in others {
            if !failed.iter().any(|(known, _)| *known == path) {
                failed.push((path, "something has changed it again".to_owned()));
            }
        }
        let known: Vec<RepoPath> = failed.iter().map(|(path, _)| path.clone()).collect();
        failed.extend(left.failed.into_iter().filter(|(path, _)| !known.contains(path)));
        done.failed = failed;
        done.unsaved = left.unsaved;
        done.elsewhere = self.elsewhere(self.around()?, &left.nested)?;
        Ok(())
    }

    fn put_back_files(&mut self, changes: &Changes, done: &mut RolledBack) -> Result<()> {
        let mut touched = changes.touched.clone();
        // Nothing of it is ours: the vault gets all of it.
        touched.iter_mut().for_each(|touched| touched.ours.clear());
        let saved = std::mem::replace(&mut self.record.touched, touched);
        self.record.folders.clone_from(&changes.made);
        let put_back = self.put_back();
        self.record.touched = saved;
        self.record.folders.clear();
        done.add(put_back?);
        Ok(())
    }

    fn put_back_folders(&self, changes: &Changes, done: &mut RolledBack) {
        for folder in &changes.gone {
            if let Err(error) = self.tree.make_folder(folder) {
                done.failed.push((folder.clone(), format!("{error:#}")));
            }
        }
        // From the inside out: a folder that can't be entered afterwards is closed last.
        for (folder, bits) in changes.folders.iter().rev() {
            let stat = self.tree.stat(folder).ok().flatten();
            let is_other = stat.is_some_and(|stat| stat.permissions != *bits);
            if let Err(error) =
                is_other.then(|| self.tree.set_folder_bits(folder, *bits)).transpose()
            {
                done.failed.push((folder.clone(), format!("{error:#}")));
            }
        }
    }

    fn put_back_index(&self) -> Result<bool> {
        let repository = &self.store.repository;
        let scratch = private::scratch(&folder_of(repository), "intents")?;
        let copy = before::index(self.store);
        let objects = &self.store.objects;
        saved_index::put_back(repository, objects, &copy, scratch.path())
            .context("the index can't be put back")
    }

    /// It is over, and nothing is undone; but it can be, until the next one begins.
    pub fn set_aside(self) -> Result<()> {
        file::set_aside(&self.store.repository)
    }
}

/// Git goes by these files when it compares others.
fn is_rule(path: &RepoPath) -> bool {
    matches!(path.file_name(), b".gitignore" | b".gitattributes")
}
