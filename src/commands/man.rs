//! man: the manual page; `git help bak` opens it where it is installed.

use anyhow::Result;
use clap::CommandFactory;

use crate::cli::Cli;
use crate::exit_status::ExitStatus;
use crate::term;

/// Runs it.
pub fn run() -> Result<ExitStatus> {
    let page = term::man::page(&Cli::command())?;
    if term::on_terminal() {
        term::man::show(&page)?;
    } else {
        term::print(page.as_bytes())?;
    }
    Ok(ExitStatus::Done)
}
