//! show: a backup's bytes, to standard output.

use anyhow::Result;

use super::Session;
use crate::cli::ShowArgs;
use crate::commands::choice::resolve;
use crate::exit_status::ExitStatus;
use crate::term;

pub fn run(session: &Session, args: &ShowArgs) -> Result<ExitStatus> {
    let version = resolve::of_word(session, &args.backup)?;
    term::print(&session.bytes(&version)?)?;
    Ok(ExitStatus::Done)
}
