//! Every word that is printed.
//!
//! - `report`, `page`, `table`, `columns`, `json`: how things are laid out; `progress`, `picker`: lines and a screen that are redrawn;
//! - `list`, `log`, `journal`, `status`, `restore`, `undo`, `forget`, `run`, `upgrade`, `rollback`, `install`, `uninstall`, `doctor`,
//!   `completions`, `man`: what these commands print;
//! - `hooks`, `guard`, `agents`, `remote`: what is said of these.
//!
//! Data goes to standard output, messages to standard error; a hook writes to standard error alone.
//! A message is one line: a mark, lower case, the file, the reason, the command that helps. Each has a
//! function of its own in one of the files here, so that all of them can be read together.

use std::borrow::Cow;
use std::io::{IsTerminal, Write};
use std::path::Path;

use crate::model::names::quote;
use crate::model::names::repo_path::{RepoPath, seen_from};
use crate::model::settings::{Settings, Verbosity};
use crate::os::platform;
use crate::setup::hook_files::program;

pub mod agents;
mod columns;
pub mod completions;
pub mod doctor;
pub mod forget;
pub mod guard;
pub mod hooks;
pub mod install;
pub mod journal;
pub mod json;
pub mod list;
pub mod log;
pub mod man;
pub mod page;
pub mod picker;
pub mod progress;
pub mod remote;
pub mod report;
pub mod restore;
pub mod rollback;
pub mod run;
pub mod status;
mod table;
pub mod undo;
pub mod uninstall;
pub mod upgrade;

pub use forget::ask;

/// Where messages go, and how much is said.
#[derive(Debug, Clone)]
pub struct Term {
    verbosity: Verbosity,
    quote_path: bool,
    utf8: bool,
    in_hook: bool,
    /// The folder that names are seen from, relative to the top.
    here: Vec<u8>,
}

/// What kind of message a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It was done.
    Done,
    /// Something to look at; nothing is lost.
    Note,
    /// It was not done.
    Failed,
}

impl Mark {
    fn text(self, utf8: bool) -> &'static str {
        match (self, utf8) {
            (Self::Done, true) => "✓",
            (Self::Note, true) => "•",
            (Self::Failed, true) => "✗",
            (Self::Done, false) => "+",
            (Self::Note, false) => "*",
            (Self::Failed, false) => "x",
        }
    }
}

impl Term {
    /// For a command that the user typed.
    pub fn of_command(settings: &Settings) -> Self {
        Self::new(settings, false, Vec::new())
    }

    /// For a hook: every line says who speaks, for Git and other hooks speak too. Git says where its user is.
    pub fn of_hook(settings: &Settings) -> Self {
        let here = std::env::var_os("GIT_PREFIX").unwrap_or_default();
        Self::new(settings, true, platform::bytes_of(&here))
    }

    fn new(settings: &Settings, in_hook: bool, here: Vec<u8>) -> Self {
        let Settings { verbosity, quote_path, .. } = *settings;
        Self { verbosity, quote_path, utf8: locale_is_utf8(), in_hook, here }
    }

    /// The same for a user in this folder, which is relative to the top.
    pub fn seen_from(self, here: Vec<u8>) -> Self {
        Self { here, ..self }
    }

    /// Details are wanted.
    pub fn is_verbose(&self) -> bool {
        self.verbosity == Verbosity::Verbose
    }

    /// One line on standard error. With `bak.verbosity=quiet` only what went wrong is said.
    pub fn say(&self, mark: Mark, text: &str) {
        if self.verbosity == Verbosity::Quiet && mark != Mark::Failed {
            return;
        }
        let who = if self.in_hook { "git-bak " } else { "" };
        // In one write: others print there at the same time.
        let line = format!("{who}{} {}\n", mark.text(self.utf8), as_typed(one_line(text)));
        let _line = progress::held_off();
        // A closed standard error is no reason to stop protecting files.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }

    /// A path as it is shown: from where its reader is, quoted as `core.quotePath` says where it needs it.
    pub fn path(&self, path: &RepoPath) -> String {
        self.name(&path.seen_from(&self.here))
    }

    /// The same as a word of a command that works where it is printed.
    pub fn word(&self, path: &RepoPath) -> String {
        quote::shell_word(&path.seen_from(&self.here))
    }

    /// Where a backup is, as it is shown: below the top, or a whole path.
    pub fn place(&self, place: &[u8]) -> String {
        if place.starts_with(b"/") {
            return self.name(place);
        }
        self.name(&seen_from(place, &self.here))
    }

    /// A name as it is shown.
    pub fn name(&self, name: &[u8]) -> String {
        quote::quote(name, self.quote_path)
    }

    /// Up to five of `lines`, then how many more there are: several, for one has the line itself.
    fn some(&self, mark: Mark, lines: &[String], more: &str) {
        let shown = self.how_many(lines.len());
        for line in lines.iter().take(shown) {
            self.say(mark, line);
        }
        if lines.len() > shown {
            self.say(mark, &format!("and {} {more}", lines.len() - shown));
        }
    }

    /// So many of a list get a line each.
    pub fn how_many(&self, all: usize) -> usize {
        if self.is_verbose() || all <= 6 { all } else { 5 }
    }
}

/// A path as it is shown, and as a shell takes it.
fn path_word(path: &Path) -> String {
    quote::shell_word(&platform::for_shell(path))
}

/// Prints data to standard output; a reader that has seen enough is no error.
pub fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let _line = progress::held_off();
    let bytes = as_taken(bytes, cfg!(windows) && on_terminal());
    let mut out = std::io::stdout().lock();
    match out.write_all(&bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The bytes as standard output takes them: a console of Windows takes nothing but text.
fn as_taken(bytes: &[u8], by_console: bool) -> Cow<'_, [u8]> {
    if !by_console || std::str::from_utf8(bytes).is_ok() {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(String::from_utf8_lossy(bytes).into_owned().into_bytes())
}

/// Gives Git an answer of so many bytes in one write, which a pipe takes whole or not at all (`PIPE_BUF`).
#[cfg(unix)]
pub fn answer_at_once(answer: &[u8]) -> bool {
    use std::os::fd::AsFd;
    let out = std::io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from);
    out.and_then(|mut out| out.write(answer)).is_ok_and(|written| written == answer.len())
}

/// Where it is not known what a pipe takes, none.
#[cfg(not(unix))]
pub fn answer_at_once(_: &[u8]) -> bool {
    false
}

/// Whether standard output is a terminal.
pub fn on_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// The last line of a program that could not do what it was asked: the causes, outermost first.
pub fn fatal(error: &anyhow::Error) {
    let _line = progress::held_off();
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    let _ = writeln!(std::io::stderr(), "git-bak: {}", as_typed(one_line(&causes.join(": "))));
}

/// Prints a usage error. One of the words may be the name of a file, for example after a `*`.
pub fn usage(error: &mut clap::Error) {
    without_far_tips(error);
    let text = error.render().to_string();
    if !text.chars().any(|character| character.is_control() && character != '\n') {
        // In colours, where they are wanted. Help goes to standard output; either stream may be closed.
        let _ = error.print();
        return;
    }
    let lines = text.lines().map(|line| one_line(line) + "\n");
    let _ = std::io::stderr().write_all(lines.collect::<String>().as_bytes());
}

/// Tips that would lead elsewhere go: a verb that begins otherwise does something else, and no value is meant by `-n`.
/// `redo` is an option of `undo`, and nothing here is like Git's stash.
fn without_far_tips(error: &mut clap::Error) {
    use clap::error::{ContextKind, ContextValue};
    error.remove(ContextKind::Suggested);
    let word = |context: Option<&ContextValue>| match context {
        Some(ContextValue::String(word)) => Some(word.clone()),
        Some(ContextValue::Strings(words)) => words.first().cloned(),
        _ => None,
    };
    let typed = word(error.get(ContextKind::InvalidSubcommand)).unwrap_or_default();
    let meant = word(error.get(ContextKind::SuggestedSubcommand)).unwrap_or_default();
    if meant.get(..1) != typed.get(..1) || ["redo", "stash"].contains(&&*typed) {
        error.remove(ContextKind::SuggestedSubcommand);
    }
}

/// The text with commands that work where it is read: what npm installed for one project isn't on the PATH.
fn as_typed(text: String) -> String {
    const COMMAND: &str = "git bak ";
    match text.contains(COMMAND) && program::is_of_a_project() {
        true => text.replace(COMMAND, "npx git-bak "),
        false => text,
    }
}

/// The text without what would break the line or control the terminal: it may quote anything.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => line.push(' '),
            control if control.is_control() => line.extend(control.escape_default()),
            plain => line.push(plain),
        }
    }
    line
}

/// The first of these variables that is set decides (locale(7)).
fn locale_is_utf8() -> bool {
    if cfg!(windows) {
        return true;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(std::env::var_os)
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    let locale = locale.to_string_lossy().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_gets_text_and_everything_else_the_bytes() {
        assert_eq!(*as_taken(b"caf\xe9\n", false), b"caf\xe9\n"[..]);
        assert_eq!(*as_taken(b"caf\xe9\n", true), *"caf\u{fffd}\n".as_bytes());
        assert_eq!(*as_taken("café\n".as_bytes(), true), *"café\n".as_bytes());
    }
}
