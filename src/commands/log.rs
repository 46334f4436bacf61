//! log: what happened to the backups, newest first.

use anyhow::Result;

use super::Session;
use crate::cli::LogArgs;
use crate::commands::choice::selection::Selection;
use crate::exit_status::ExitStatus;
use crate::term;

pub fn run(session: &Session, args: &LogArgs) -> Result<ExitStatus> {
    let selected = Selection::of(session, &args.paths)?;
    let events = session.store.records.events(&|path| selected.has(path), args.number);
    let touched = events.iter().map(|event| event.path.clone());
    let status = selected.name_unknown(session, touched);
    if args.json {
        term::print(term::json::log_json(&events).as_bytes())?;
    } else if !events.is_empty() {
        let page = session.page();
        page.show(&session.term.log(&events, &session.store.now, &page))?;
    } else if status == ExitStatus::Done {
        session.term.no_events();
    }
    Ok(status)
}
