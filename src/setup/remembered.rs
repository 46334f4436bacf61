//! The settings, remembered from one hook or command to the next: a file in the working tree's own Git directory.
//!
//! Git reads the settings; that costs a child process, which is most of what a hook or a look would have to wait
//! for. What Git said is used again as long as every file and variable that it depends on is as it was
//! (`git::config_sources`).
//!
//! Order, and why nothing stale is used: Git reads; then the state of the sources is taken, and only
//! sources that had been left alone for two seconds before Git began are believed in. A write to
//! one of them after Git has read it gives it a later state than the one that is written down.

use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::Result;

use crate::git::config::sources;
use crate::git::config::sources::Unknown;
use crate::git::config::{self, ConfigRead};
use crate::git::repository::Repository;
use crate::model::now::{self, Now};
use crate::model::settings::config_entry::ConfigEntry;
use crate::model::settings::remembered::Remembered;
use crate::os::{platform, private};

/// The settings, known or being read.
pub enum SettingsReading {
    Known(Vec<ConfigEntry>),
    Asked(ConfigAsked),
}

pub struct ConfigAsked {
    read: ConfigRead,
    surroundings: Option<String>,
    began: SystemTime,
}

/// Begins to read the settings of `repository`.
pub fn start(repository: &Repository, now: &Now) -> SettingsReading {
    let surroundings = sources::surroundings();
    let remembered =
        surroundings.as_ref().and_then(|surroundings| recall(repository, surroundings));
    let worth_remembering = match remembered {
        Some(Remembered { entries: Some(entries), .. }) => return SettingsReading::Known(entries),
        Some(_) => None,
        None => surroundings,
    };
    let read = config::start_aside(repository.git());
    SettingsReading::Asked(ConfigAsked {
        read,
        surroundings: worth_remembering,
        began: now::system_time(now),
    })
}

impl SettingsReading {
    /// Waits for the settings, if they are not known yet.
    pub fn finish(self, repository: &Repository) -> Result<Vec<ConfigEntry>> {
        match self {
            Self::Known(entries) => Ok(entries),
            Self::Asked(asked) => {
                let entries = asked.read.finish()?;
                if let Some(surroundings) = asked.surroundings {
                    // If they can't be remembered, Git is asked again.
                    let _ = remember(repository, surroundings, &entries, asked.began);
                }
                Ok(entries)
            }
        }
    }
}

/// Reads the settings of `repository`.
pub fn read(repository: &Repository, now: &Now) -> Result<Vec<ConfigEntry>> {
    start(repository, now).finish(repository)
}

fn recall(repository: &Repository, surroundings: &str) -> Option<Remembered> {
    let remembered = Remembered::parse(&std::fs::read(file_of(repository)).ok()?).ok()?;
    let program = platform::bytes_of(sources::program()?.as_os_str());
    let same = remembered.surroundings == surroundings
        && remembered.sources.iter().any(|source| source.path == program)
        && sources::are_unchanged(&remembered.sources);
    same.then_some(remembered)
}

fn remember(
    repository: &Repository,
    surroundings: String,
    entries: &[ConfigEntry],
    began: SystemTime,
) -> Option<()> {
    let programs = sources::programs(&repository.git(), began)?;
    let (sources, entries) = match sources::of(repository, entries, began) {
        Ok(sources) => (sources, Some(entries.to_vec())),
        Err(Unknown::Always) => (Vec::new(), None),
        Err(Unknown::Now) => return None,
    };
    let sources = programs.into_iter().chain(sources).collect();
    let remembered = Remembered { surroundings, sources, entries };
    private::make_dir(&repository.own_bak_dir()).ok()?;
    private::write(&file_of(repository), &remembered.to_bytes()).ok()
}

fn file_of(repository: &Repository) -> PathBuf {
    repository.own_bak_dir().join("settings")
}
