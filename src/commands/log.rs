//! log: what happened to the backups, newest first.

use anyhow::Result;

use super::Session;
use crate::cli::LogArgs;
use crate::commands::choice::paths;
use crate::exit_status::ExitStatus;
use crate::term;

pub fn run(session: &Session, args: &LogArgs) -> Result<ExitStatus> {
    let selected = paths::Selection::of(session, &args.paths)?;
    let events = session.store.records.events(&|path| selected.has(path), args.number);
    if args.json {
        term::print(term::json::log_json(&events).as_bytes())?;
    } else if events.is_empty() {
        session.term.no_events();
    } else {
        let page = session.page();
        page.show(&session.term.log(&events, &session.store.now, &page))?;
    }
    Ok(ExitStatus::Done)
}
