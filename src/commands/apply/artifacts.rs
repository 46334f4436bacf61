//! The patches to apply and their ids, and what else to do.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};

use crate::cli::ApplyArgs;
use crate::commands::Session;
use crate::exit_status::UsageError;
use crate::git::patch::Patch;
use crate::model::names::artifact::ArtifactId;
use crate::model::patch_text;
use crate::model::settings::Settings;

/// The patches, and the id of each.
pub struct Artifacts {
    pub patches: Vec<Patch>,
    pub ids: Vec<ArtifactId>,
}

impl Artifacts {
    /// Reads them. Wrong words, and files that can't be read, are errors.
    pub fn read(session: &Session, args: &ApplyArgs) -> Result<Self> {
        if args.artifact.is_some() && args.patches.len() > 1 {
            let text = "--artifact names one patch: apply one, or leave it out";
            return Err(UsageError(text.into()).into());
        }
        if args.patches.iter().filter(|file| **file == Path::new("-")).count() > 1 {
            return Err(UsageError("standard input can be read once".into()).into());
        }
        let patches = args.patches.iter().map(|file| read(session, file));
        let patches = patches.collect::<Result<Vec<Patch>>>()?;
        let id = |patch: &Patch| {
            let id = match &args.artifact {
                Some(id) => id.clone(),
                None => session.store.objects.hash(&patch.bytes)?.to_string(),
            };
            ArtifactId::from_upgrade_id(&id).map_err(|error| UsageError(error.to_string()).into())
        };
        let ids = patches.iter().map(id).collect::<Result<Vec<ArtifactId>>>()?;
        Ok(Self { patches, ids })
    }

    /// The commit's title without a message from the user.
    fn title(&self) -> String {
        match (self.patches.as_slice(), self.ids.as_slice()) {
            ([patch], [id]) => patch_text::subject(&patch.bytes)
                .unwrap_or_else(|| format!("Apply {} ({id})", patch.title())),
            (_, ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                format!("Apply {} patches: {}", ids.len(), ids.join(", "))
            }
        }
    }
}

fn read(session: &Session, file: &Path) -> Result<Patch> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).context("the patch on standard input")?;
        return Ok(Patch { name: "standard input".into(), bytes });
    }
    let name = file.display().to_string();
    bytes = std::fs::read(session.cwd.join(file)).with_context(|| name.clone())?;
    Ok(Patch { name, bytes })
}

/// What else to do, from the command line or the settings.
pub struct Wishes {
    pub validate: Option<String>,
    pub reload: Option<String>,
    pub test: Option<String>,
    /// The message to commit with; `None`: no commit is wanted.
    pub commit: Option<String>,
}

impl Wishes {
    /// What the command line says, else the settings.
    pub fn of(args: &ApplyArgs, settings: &Settings, artifacts: &Artifacts) -> Result<Self> {
        // An empty one takes back what the settings say.
        let wish = |typed: &Option<String>, set: &Option<String>| {
            typed.clone().or_else(|| set.clone()).filter(|line| !line.trim().is_empty())
        };
        let commits = args.commit || settings.apply_commit && !args.no_commit;
        if args.message.is_some() && !commits {
            return Err(UsageError("-m is the message of a commit: add --commit".into()).into());
        }
        if args.message.as_ref().is_some_and(|message| message.trim().is_empty()) {
            return Err(UsageError("-m: the message is empty".into()).into());
        }
        Ok(Self {
            validate: wish(&args.validate, &settings.apply_validate),
            reload: wish(&args.reload, &settings.apply_reload),
            test: wish(&args.test, &settings.apply_test),
            commit: commits.then(|| args.message.clone().unwrap_or_else(|| artifacts.title())),
        })
    }
}
