//! The manual page: the help of every command, and what goes beyond it, from
//! `install/man.roff`.

use std::io::{self, Write as _};

use anyhow::{Context, Result};
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold};

/// What is true of no single command.
const BEYOND: &str = include_str!("../../install/man.roff");

/// The source of the page, in the language of man(7).
pub fn page(command: &Command) -> Result<String> {
    let mut command = command.clone().disable_help_subcommand(true);
    command = command.mut_subcommands(|verb| verb.disable_help_flag(true));
    command.build();
    let man = Man::new(command.clone());
    // Undated, for the same source must make the same page.
    let mut page = format!(".TH GIT-BAK 1 \"\" \"git-bak {}\" \"\"\n", env!("CARGO_PKG_VERSION"));
    page += &rendered(|to| man.render_name_section(to))?;
    page += ".SH SYNOPSIS\n\\fBgit bak\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n";
    page += &rendered(|to| man.render_description_section(to))?;
    page += ".SH COMMANDS\n";
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        page += &of_verb(verb)?;
    }
    page += BEYOND;
    Ok(page)
}

/// The part about one command.
fn of_verb(verb: &Command) -> Result<String> {
    let man = Man::new(verb.clone());
    let usage = verb.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let mut part = Roff::new()
        .control("SS", [verb.get_name()])
        .text([bold(usage)])
        .control("PP", [])
        .to_roff();
    part += &without_headings(&rendered(|to| man.render_description_section(to))?);
    part += &without_headings(&rendered(|to| man.render_options_section(to))?);
    Ok(part)
}

fn rendered(render: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<String> {
    let mut bytes = Vec::new();
    render(&mut bytes)?;
    Ok(String::from_utf8(bytes)?)
}

/// The renderer writes pages of their own: here its sections are parts of one.
fn without_headings(section: &str) -> String {
    let is_heading = |line: &&str| [".SH", ".ie", ".el"].iter().any(|word| line.starts_with(word));
    let lines = section.lines().filter(|line| !is_heading(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Opens the page with `man`.
pub fn show(page: &str) -> Result<()> {
    let mut file = tempfile::Builder::new().prefix("git-bak.").suffix(".1").tempfile()?;
    file.write_all(page.as_bytes())?;
    let shown = std::process::Command::new("man").arg(file.path()).status();
    shown.context("man can't be started; git bak help COMMAND shows the options of a command")?;
    Ok(())
}
