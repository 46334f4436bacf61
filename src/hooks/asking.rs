//! What pre-commit has to know before it can do anything: the settings, and which files are at risk.
//!
//! The settings are Git's to read. Where they are as they were the last time, Git isn't asked; else a
//! child is started first and waited for last. Meanwhile the index is looked at in this process; where
//! that gives no certain answer, a second child is started beside the first. Only settings that ask for
//! more than the usual survey cost another wait; those that ask for less, once remembered, save the look at
//! every file that is not staged.

use anyhow::{Error, Result};

use crate::git::config;
use crate::git::objects::Objects;
use crate::git::refs::Refs;
use crate::git::repository::Repository;
use crate::git::survey::at_risk;
use crate::git::survey::at_risk::SurveyRun;
use crate::git::survey::pathspec::SurveyOptions;
use crate::git::survey::quick;
use crate::model::at_risk::Survey;
use crate::model::now::Now;
use crate::model::settings::config_entry::{ConfigEntry, SettingProblem};
use crate::model::settings::{Scope, Settings};
use crate::setup::remembered;
use crate::setup::remembered::SettingsReading;

pub struct Answers {
    /// The settings as Git gave them.
    pub entries: Vec<ConfigEntry>,
    /// The settings as they are understood.
    pub settings: Settings,
    pub problems: Vec<SettingProblem>,
    pub survey: Result<Surveyed>,
}

/// The files at risk, as far as the settings let them be found.
#[derive(Default)]
pub struct Surveyed {
    pub survey: Survey,
    /// Why `bak.exclude` could not be heeded: it must not leave everything unprotected.
    pub exclude_left_out: Option<Error>,
}

/// The usual survey, while the settings are not known yet.
enum Usual {
    Known(Survey),
    Asked(SurveyRun),
}

impl Answers {
    /// Finds out, with one wait in the ordinary case. `monitored`: as Git sees it, which may know by its own monitor
    /// that a file is as it was.
    pub fn of(
        repository: &Repository,
        objects: &Objects,
        refs: &Refs,
        now: &Now,
        monitored: bool,
    ) -> Result<Self> {
        let git = repository.git();
        let reading = remembered::start(repository, now);
        let staged_alone =
            matches!(&reading, SettingsReading::Known(entries) if is_staged_alone(entries));
        let look = |head| match staged_alone {
            true => quick::staged(repository, objects, head, true)
                .map(|(files, _)| Survey { files, ..Survey::default() }),
            false => quick::survey(repository, objects, head, monitored),
        };
        let quick = refs.head().ok().and_then(look);
        let usual = match quick {
            Some(survey) => Usual::Known(survey),
            None => Usual::Asked(at_risk::start(&git, &SurveyOptions::default())?),
        };
        let entries = reading.finish(repository)?;
        let (settings, problems) = Settings::read(&entries);
        let survey = survey(repository, &settings, usual, config::compares_as_usual(&entries));
        Ok(Self { entries, settings, problems, survey })
    }
}

/// Whether the settings ask for nothing but what is staged, and let stat data be believed: no other file
/// has to be looked at then.
fn is_staged_alone(entries: &[ConfigEntry]) -> bool {
    let (settings, _) = Settings::read(entries);
    settings.scope == Scope::Staged && config::compares_as_usual(entries)
}

/// The survey that the settings ask for.
fn survey(
    repository: &Repository,
    settings: &Settings,
    usual: Usual,
    compares_as_usual: bool,
) -> Result<Surveyed> {
    let untracked = settings.scope == Scope::All;
    let is_usual = !untracked && settings.exclude.is_empty();
    let survey = match usual {
        Usual::Known(survey) if is_usual && compares_as_usual => survey,
        Usual::Asked(run) if is_usual => run.finish()?,
        Usual::Asked(run) => {
            run.abandon();
            return special(repository, settings, untracked);
        }
        Usual::Known(_) => return special(repository, settings, untracked),
    };
    Ok(Surveyed { survey, exclude_left_out: None })
}

fn special(repository: &Repository, settings: &Settings, untracked: bool) -> Result<Surveyed> {
    if !settings.enabled {
        return Ok(Surveyed::default());
    }
    let git = repository.git();
    let exclude = settings.exclude.clone();
    let options = SurveyOptions { untracked, exclude, ..SurveyOptions::default() };
    match at_risk::start(&git, &options)?.finish() {
        Ok(survey) => Ok(Surveyed { survey, exclude_left_out: None }),
        Err(error) if !settings.exclude.is_empty() => {
            let options = SurveyOptions { exclude: Vec::new(), ..options };
            let survey = at_risk::start(&git, &options)?.finish()?;
            Ok(Surveyed { survey, exclude_left_out: Some(error) })
        }
        Err(error) => Err(error),
    }
}
