//! The git-bak programs that a foreign hook's text starts, and whether they are there.

use std::io;
use std::path::{Path, PathBuf};

use super::HookFile;
use super::hook::read;
use crate::model::hook::shim;
use crate::model::hook::started::started;
use crate::os::platform;

/// The first of the programs that `text` starts with these words, if none of them is there.
pub fn missing(text: &[u8], words: &str) -> Option<PathBuf> {
    let programs: Vec<PathBuf> = started(text, words).into_iter().map(PathBuf::from).collect();
    let is_gone = !programs.is_empty() && programs.iter().all(|program| is_missing(program));
    programs.into_iter().next().filter(|_| is_gone)
}

/// True if the path is known not to exist; unexpanded and relative paths are unknown.
fn is_missing(program: &Path) -> bool {
    if program.is_absolute() {
        return !platform::is_executable(program);
    }
    let is_name =
        program.components().count() == 1 && !program.to_string_lossy().contains(['$', '~']);
    is_name && !is_on_path(program)
}

fn is_on_path(name: &Path) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| {
        let program = folder.join(name);
        platform::is_executable(&program) || platform::is_executable(&program.with_extension("exe"))
    })
}

impl HookFile {
    /// The program that a foreign hook would start, by a line in it or as its hook from before, if that
    /// is not there.
    pub(super) fn missing_program(&self, text: &[u8]) -> io::Result<Option<PathBuf>> {
        if let Some(program) = missing(text, &format!("hook {}", self.name)) {
            return Ok(Some(program));
        }
        if !self.is_taken_over_by(text)? {
            return Ok(None);
        }
        let legacy =
            read(&self.legacy_path())?.and_then(|hook| shim::program(self.name, &hook.text));
        let program = legacy.map(|program| platform::path_from_bytes(&program));
        Ok(program.filter(|program| !platform::is_executable(program)))
    }

    /// Whether a foreign hook starts a git-bak that is there.
    pub(super) fn starts_git_bak(&self, text: &[u8]) -> io::Result<bool> {
        Ok(self.runs_git_bak(text)? && self.missing_program(text)?.is_none())
    }
}
