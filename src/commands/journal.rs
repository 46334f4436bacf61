//! journal: the attempts that failed.

use anyhow::Result;

use super::Session;
use crate::backups::journal;
use crate::cli::JournalArgs;
use crate::commands::choice::selection::Selection;
use crate::exit_status::ExitStatus;
use crate::term;

pub fn run(session: &Session, args: &JournalArgs) -> Result<ExitStatus> {
    let selected = Selection::of(session, &args.paths)?;
    let failures =
        journal::failures(&session.store, &session.store.records, &|path| selected.has(path));
    if args.json {
        term::print(term::json::journal_json(&failures).as_bytes())?;
    } else if failures.is_empty() {
        session.term.no_failures();
    } else {
        let page = session.page();
        page.show(&session.term.journal(&failures, &session.store.now, &page))?;
    }
    Ok(ExitStatus::Done)
}
