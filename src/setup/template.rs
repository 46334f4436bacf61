//! The template: a folder from which every repository to come gets our hooks, the ignore block and the
//! setting that hides our refs.
//!
//! A folder that the user has set is written to as a repository is: its hooks are chained, its
//! excludes stay. Where none is set, ours is made among the user's data; `~/.git-template` and the like
//! are where people keep their own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::hook_files::{HookFile, program};
use super::user;
use crate::backups::ignore_block;
use crate::git::command::Git;
use crate::git::config::fsmonitor;
use crate::git::config::fsmonitor::ConfigPlace;
use crate::git::config::template_dir;
use crate::model::hook::name::HookName;
use crate::model::settings::sharing::Sharing;

#[derive(Clone, Debug)]
pub struct Template {
    pub folder: PathBuf,
    /// The value of `init.templateDir` that names it, if it is ours and not the user's own.
    pub own_value: Option<PathBuf>,
    pub is_set: bool,
    pub is_from_environment: bool,
}

impl Template {
    /// The one that Git goes by, or else ours.
    pub fn find(git: &Git) -> Result<Self> {
        let own = own();
        let Some(set) = template_dir::read(git)? else {
            let (folder, value) = own.with_context(|| match std::env::var_os("HOME") {
                Some(home) if !home.is_empty() => {
                    format!("HOME is {}, which is no folder to make a template in", home.display())
                }
                _ => "there is no HOME to make a template folder in".to_owned(),
            })?;
            let own_value = Some(value);
            return Ok(Self { folder, own_value, is_set: false, is_from_environment: false });
        };
        let is_from_environment = set.is_from_environment;
        let own_value = own
            .filter(|(folder, _)| *folder == set.folder && !is_from_environment)
            .map(|(_, value)| value);
        Ok(Self { folder: set.folder, own_value, is_set: true, is_from_environment })
    }

    /// The hook `name` in it.
    pub fn hook(&self, name: HookName) -> HookFile {
        HookFile::new(self.folder.join("hooks"), name)
    }

    /// Makes the folder.
    pub fn make(&self) -> Result<()> {
        let hooks = self.folder.join("hooks");
        std::fs::create_dir_all(&hooks)
            .with_context(|| format!("{} can't be made", hooks.display()))
    }

    /// Makes what is needed besides the hooks.
    pub fn prepare(&self, git: &Git, guard: bool) -> Result<()> {
        ignore_block::ensure_in(&self.exclude(), Sharing::Umask)?;
        if guard {
            fsmonitor::set(git, ConfigPlace::File(&self.config()), &program::path()?)?;
        }
        Ok(())
    }

    /// Takes out what `prepare` has put in; whether there was anything. Of our own folder nothing is
    /// left.
    pub fn clean(&self, git: &Git) -> Result<bool> {
        let had_block = ignore_block::remove_from(&self.exclude())?;
        let had_guard = fsmonitor::remove(git, ConfigPlace::File(&self.config()))?;
        for file in [self.exclude(), self.config()] {
            if (had_block || had_guard) && file.metadata().is_ok_and(|meta| meta.len() == 0) {
                std::fs::remove_file(file)?;
            }
        }
        if self.own_value.is_some() {
            let below = ["hooks", "info"].map(|name| self.folder.join(name));
            for folder in below.iter().map(PathBuf::as_path).chain(self.folder.ancestors().take(2))
            {
                // One with files of the user's stays.
                let _ = std::fs::remove_dir(folder);
            }
        }
        Ok(had_block || had_guard)
    }

    fn exclude(&self) -> PathBuf {
        self.folder.join("info").join("exclude")
    }

    fn config(&self) -> PathBuf {
        self.folder.join("config")
    }
}

/// Our own folder, and how a setting names it: below HOME in the form that holds on other machines, too.
fn own() -> Option<(PathBuf, PathBuf)> {
    let below = Path::new("git-bak").join("template");
    if let Some(data) = user::folder_of("XDG_DATA_HOME") {
        return Some((data.join(&below), data.join(below)));
    }
    let below = Path::new(".local").join("share").join(below);
    Some((user::home()?.join(&below), Path::new("~").join(below)))
}
