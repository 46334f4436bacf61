//! A page of text for people: how wide it may be, in which colours, and through Git's own pager.
//!
//! As `git log` has it: on a terminal, in colours that `color.ui` allows, through what `git var GIT_PAGER`
//! names. Elsewhere it is plain text, and nothing is cut.

use std::io::{Seek, Write};
use std::process::{Command, Stdio};

use super::{columns, on_terminal, print};
use crate::git::command::Git;
use crate::os::terminal;

/// What Git has its pager do by default (git-config, `core.pager`).
const LESS: (&str, &str) = ("LESS", "FRX");
const LV: (&str, &str) = ("LV", "-c");

/// Colours, by what Git uses them for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    Green,
    /// Something to look at; the name of a commit.
    Yellow,
    Red,
    /// Something was brought back; a command that helps.
    Cyan,
    /// What stands below is about this.
    Bold,
    Dim,
}

/// How standard output wants a page.
#[derive(Debug)]
pub struct Page {
    git: Git,
    /// How many columns there are; `None` where nothing need be cut.
    pub width: Option<usize>,
    colours: bool,
    utf8: bool,
}

impl Page {
    /// For standard output as it is; on a terminal `git` is asked for colours and for the pager. Elsewhere
    /// there are colours only if there always are.
    pub fn of(git: &Git, always_colours: bool) -> Self {
        let width = on_terminal().then(screen_columns);
        let on_terminal = width.is_some();
        let colours = (on_terminal || always_colours)
            && wants_colours(git, on_terminal)
            && (!on_terminal || terminal::obeys_colours());
        Self { git: git.clone(), width, colours, utf8: super::locale_is_utf8() }
    }

    /// A page of so many columns, for what is tried without a terminal.
    #[cfg(test)]
    pub fn plain(width: Option<usize>) -> Self {
        Self { git: Git::new("."), width, colours: false, utf8: true }
    }

    /// Whether to use colours.
    pub fn has_colours(&self) -> bool {
        self.colours
    }

    /// Whether only plain letters can be shown.
    pub fn is_ascii(&self) -> bool {
        !self.utf8
    }

    /// The text in a colour, if colours are used.
    pub fn paint(&self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
            Colour::Cyan => 36,
            Colour::Bold => 1,
            Colour::Dim => 2,
        };
        if self.colours { format!("\x1b[{code}m{text}\x1b[m") } else { text.to_owned() }
    }

    /// The end of `text`, cut so that it ends in the last column if it begins after `before` columns.
    pub fn end_of(&self, text: &str, before: usize) -> String {
        columns::end_of(text, self.room(before), self.is_ascii())
    }

    /// The beginning of `text`, cut in the same way.
    pub fn start_of(&self, text: &str, before: usize) -> String {
        columns::start_of(text, self.room(before), self.is_ascii())
    }

    /// The text in as many lines as it takes, each after `before` columns. What is a command behind the
    /// last colon stays in one piece where it fits into a line.
    pub fn wrapped(&self, text: &str, before: usize) -> String {
        let lines = columns::wrapped(text, self.room(before));
        lines.join(&format!("\n{:before$}", ""))
    }

    /// How many columns are left; what is too narrow for anything is left to wrap.
    fn room(&self, before: usize) -> usize {
        self.width.map_or(usize::MAX, |width| width.saturating_sub(before)).max(12)
    }

    /// Prints the page: through the pager on a terminal, else as it is.
    pub fn show(&self, text: &str) -> anyhow::Result<()> {
        let pager = self.width.and_then(|_| pager(&self.git));
        match pager.map(|pager| through(&pager, text)) {
            Some(Ok(())) => Ok(()),
            // A pager that can't be had: Git prints without one, too.
            Some(Err(_)) | None => print(text.as_bytes()),
        }
    }
}

/// Git's pager; `None` if there is none to use.
fn pager(git: &Git) -> Option<String> {
    let answer = git.output(["var", "GIT_PAGER"]).ok()?;
    let pager = String::from_utf8_lossy(&answer).trim().to_owned();
    (!pager.is_empty() && pager != "cat").then_some(pager)
}

/// Hands the text to a pager, and this process with it: what is typed there (an interrupt, say) is the
/// pager's alone. The text is in a file without a name, so that no process has to write while it is read.
fn through(pager: &str, text: &str) -> anyhow::Result<()> {
    let mut file = tempfile::tempfile()?;
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    let mut command = shell(pager);
    command.stdin(Stdio::from(file)).env("GIT_PAGER_IN_USE", "true");
    for (key, value) in [LESS, LV] {
        if std::env::var_os(key).is_none() {
            command.env(key, value);
        }
    }
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(&mut command).into());
    #[cfg(not(unix))]
    command.status().map(drop).map_err(Into::into)
}

/// The command, through a shell only where it needs one (Git's rule, in its `prepare_shell_cmd`).
fn shell(command: &str) -> Command {
    const SPECIAL: &str = "|&;<>()$`\\\"' \t\n*?[#~=%";
    if !command.contains(|c| SPECIAL.contains(c)) {
        return Command::new(command);
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

/// Whether to use colours: Git's word for it, unless `NO_COLOR` is set (no-color.org).
fn wants_colours(git: &Git, on_terminal: bool) -> bool {
    let not_wanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let of_git = || {
        let answer =
            git.output(["config", "--get-colorbool", "color.ui", &on_terminal.to_string()]);
        answer.is_ok_and(|answer| answer.starts_with(b"true"))
    };
    !not_wanted && of_git()
}

/// The terminal's width, as Git finds it: `COLUMNS`, the terminal's own word, 80.
fn screen_columns() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    said.filter(|&columns| columns > 0).or_else(terminal::columns).unwrap_or(80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_to_the_width_and_only_there() {
        let page = Page::plain(Some(20));
        assert_eq!(page.end_of("some/folder/file.rs", 5), "…folder/file.rs");
        assert_eq!(page.start_of("words and words and", 5), "words and word…");
        assert_eq!(page.end_of("0123456789abcde", 5), "0123456789abcde");
        assert_eq!(page.end_of("0123456789abcdef", 19), "…56789abcdef", "room for something");
        let long = "x".repeat(500);
        assert_eq!(Page::plain(None).end_of(&long, 5), long);
    }

    #[test]
    fn colours_are_there_only_if_wanted() {
        let mut page = Page::plain(None);
        assert_eq!(page.paint(Colour::Red, "x"), "x");
        page.colours = true;
        assert_eq!(page.paint(Colour::Red, "x"), "\x1b[31mx\x1b[m");
    }
}
