//! Coding agents: git-bak's command in the settings that an agent takes its hooks from.
//!
//! - `table`: each agent's file; `edit`: changing its text.
//!
//! What could go wrong: the file is the user's, the agent writes to it, too, and uninstalling must give it back as it
//! was. So what was there is kept first, then the new file is renamed into place, unless it was written to since it
//! was read. Uninstalling puts back what was kept if the file is still as installing left it; else only our command
//! is taken out of it. A link, a file that can't be written to or read as JSON is left as it is.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::alone::alone_in;
use super::user;
use crate::model::agents::agent_name::AgentName;
use crate::os::private;

mod edit;
mod table;
#[cfg(test)]
mod tests;

use table::{AgentRow, TABLE};

const NO_HOME: &str = "there is no HOME, which agents have their settings in";

/// What installing or uninstalling came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentChange {
    Installed,
    /// It was there, and starts this program now.
    Updated,
    Already,
    /// Every byte is as it was before.
    Restored,
    /// The file was edited since: the command alone was taken out.
    TakenOut,
    Nothing,
}

/// What was there before us.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Original {
    /// `None`: there was no such file, and so many folders above it were not there.
    text: Option<String>,
    made: usize,
}

/// One file of an agent's settings.
#[derive(Debug)]
pub struct AgentFile {
    pub row: &'static AgentRow,
    pub path: PathBuf,
    /// It belongs to the project, for all who work on it.
    pub is_shared: bool,
}

impl AgentFile {
    /// The user's own.
    pub fn own(agent: AgentName) -> Result<Self> {
        let row = row(agent);
        let path = folder(row).context(NO_HOME)?.join(row.own);
        Ok(Self { row, path, is_shared: false })
    }

    /// The one that is shared, in the working tree with this top.
    pub fn shared(agent: AgentName, top: &Path) -> Self {
        let row = row(agent);
        Self { row, path: top.join(row.shared), is_shared: true }
    }

    /// The command that starts this program, for a shell; on other people's machines it is elsewhere.
    pub fn command(&self, program: &str) -> String {
        let program = if self.is_shared { "git-bak" } else { program };
        format!("{program}{}", edit::ending(self.row.agent))
    }

    /// The command of ours that stands there, whatever program it starts.
    pub fn installed(&self) -> Option<String> {
        edit::command_in(&std::fs::read_to_string(&self.path).ok()?, self.row.agent)
    }

    pub fn install(&self, program: &str) -> Result<AgentChange> {
        let folder = data()?;
        private::make_dir(&folder)?;
        let (command, _alone) = (self.command(program), alone_in(&folder));
        let text = self.read()?;
        match text.as_deref().and_then(|text| edit::command_in(text, self.row.agent)) {
            Some(old) if old == command => Ok(AgentChange::Already),
            Some(old) => {
                let old_text = text.unwrap_or_default();
                let new = edit::replaced(&self.row.form, &old_text, &old, &command)?;
                self.write(Some(&old_text), &new)?;
                Ok(AgentChange::Updated)
            }
            None => {
                let new = edit::with_command(&self.row.form, text.as_deref(), &command)?;
                let is_new = |folder: &&Path| folder.symlink_metadata().is_err();
                let made = self.path.ancestors().skip(1).take_while(is_new).count();
                let before = Original { text, made };
                private::write(&self.kept()?, &serde_json::to_vec(&before)?)?;
                self.write(before.text.as_deref(), &new)?;
                Ok(AgentChange::Installed)
            }
        }
    }

    pub fn uninstall(&self) -> Result<AgentChange> {
        let folder = data()?;
        let _alone = alone_in(&folder);
        let change = self.take_out();
        // Those that are ours, or empty like them.
        remove_empty(&folder, 4);
        change
    }

    fn take_out(&self) -> Result<AgentChange> {
        let Some(text) = self.read()? else { return Ok(AgentChange::Nothing) };
        let Some(command) = edit::command_in(&text, self.row.agent) else {
            return Ok(AgentChange::Nothing);
        };
        let kept = self.kept()?;
        let before = std::fs::read(&kept).ok().and_then(|json| serde_json::from_slice(&json).ok());
        let before: Original = before.unwrap_or_default();
        let made = edit::with_command(&self.row.form, before.text.as_deref(), &command);
        let is_as_made = made.is_ok_and(|made| made == text);
        match &before.text {
            Some(before) if is_as_made => self.write(Some(&text), before)?,
            None if is_as_made => {
                std::fs::remove_file(&self.path)?;
                remove_empty(self.path.parent().unwrap_or(Path::new("")), before.made);
            }
            _ => {
                let rest = edit::without_command(&self.row.form, &text, &command)?;
                self.write(Some(&text), &rest)?;
            }
        }
        // If it can't be removed, it does no harm.
        let _ = std::fs::remove_file(kept);
        Ok(if is_as_made { AgentChange::Restored } else { AgentChange::TakenOut })
    }

    /// What can be edited; `None` if there is no such file.
    fn read(&self) -> Result<Option<String>> {
        let found = match self.path.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            found => found?,
        };
        ensure!(!found.is_symlink(), "it is a symbolic link");
        ensure!(found.is_file(), "it is not a file");
        ensure!(!found.permissions().readonly(), "it may not be written to");
        Ok(Some(String::from_utf8(std::fs::read(&self.path)?).context("it is not UTF-8")?))
    }

    /// Writes it in one step, with the permissions that it had.
    fn write(&self, old: Option<&str>, new: &str) -> Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".git-bak-");
        #[cfg(unix)]
        let usual = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        #[cfg(unix)]
        builder.permissions(usual);
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(new.as_bytes())?;
        if let Ok(found) = self.path.metadata() {
            file.as_file().set_permissions(found.permissions())?;
        }
        ensure!(self.read()?.as_deref() == old, "somebody has written to it just now");
        file.persist(&self.path)?;
        ensure!(self.read()?.as_deref() == Some(new), "it holds something else than was written");
        Ok(())
    }

    /// Where the earlier text is kept.
    fn kept(&self) -> Result<PathBuf> {
        Ok(data()?.join(self.path.to_string_lossy().replace(['/', '\\', ':'], "%")))
    }
}

/// Removes this folder and those above it, so many and as far as they are empty.
fn remove_empty(folder: &Path, most: usize) {
    for folder in folder.ancestors().take(most) {
        if std::fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

/// Whether the agent has a folder of its own here.
pub fn is_found(agent: AgentName) -> bool {
    folder(row(agent)).is_some_and(|folder| folder.is_dir())
}

/// Whether Codex was told to trust the hooks of this file; it notes that by the file and the hook's place in it.
pub fn is_trusted(file: &AgentFile) -> bool {
    if file.row.agent != AgentName::Codex {
        return true;
    }
    let config = folder(file.row).map(|folder| folder.join("config.toml"));
    let text = config.and_then(|config| std::fs::read_to_string(config).ok()).unwrap_or_default();
    let real = file.path.canonicalize().unwrap_or_default();
    [&file.path, &real]
        .iter()
        .any(|path| text.contains(&format!("{}:pre_tool_use:", path.display())))
}

fn row(agent: AgentName) -> &'static AgentRow {
    TABLE.iter().find(|row| row.agent == agent).unwrap_or(&TABLE[0])
}

/// The folder of the user's own settings.
fn folder(row: &AgentRow) -> Option<PathBuf> {
    let (place, below) = row.folder;
    let (variable, inner) = place.split_once('/').unwrap_or((place, ""));
    let set = user::folder_of(variable).map(|folder| folder.join(inner));
    set.or_else(|| Some(user::home()?.join(below)))
}

/// The folder for what was there before.
fn data() -> Result<PathBuf> {
    let data = user::folder_of("XDG_DATA_HOME");
    let data = data.or_else(|| Some(user::home()?.join(".local").join("share")));
    Ok(data.context(NO_HOME)?.join("git-bak").join("agents"))
}
