//! doctor: what is wrong, each with what helps; with --fix, what is ours to put right is put right.
//!
//! Order with --fix: everything is looked at; what is ours is mended, the hooks by what install does; then the
//! repository is opened and looked at once more, so that what is shown is how things are now.

use anyhow::Result;

use super::{Hook, Session};
use crate::cli::DoctorArgs;
use crate::commands::setup::install;
use crate::commands::setup::install::InstallArgs;
use crate::exit_status::ExitStatus;
use crate::model::check::Check;
use crate::model::now::Now;
use crate::setup::checkup;
use crate::setup::checkup::Outcome;
use crate::term;

pub fn run(mut session: Session, args: &DoctorArgs, now: &Now) -> Result<ExitStatus> {
    let mut outcomes = look(&session);
    if args.fix {
        mend(&session, &outcomes)?;
        session = Session::open(now, false)?;
        outcomes = look(&session);
    }
    let findings = session.term.findings(&outcomes);
    if args.json {
        term::print(term::json::doctor_json(&findings).as_bytes())?;
    } else {
        let page = session.page();
        term::print(session.term.doctor(&findings, &page).as_bytes())?;
    }
    let all_is_good = outcomes.iter().all(Outcome::is_good);
    Ok(if all_is_good { ExitStatus::Done } else { ExitStatus::No })
}

fn look(session: &Session) -> Vec<Outcome> {
    let _progress = session.term.progress("looking at everything");
    checkup::examine(&session.store, &session.problems)
}

/// Puts right what is ours, and says what was done.
fn mend(session: &Session, outcomes: &[Outcome]) -> Result<()> {
    let of_hooks = |outcome: &Outcome| matches!(outcome.check, Check::Hook(_));
    if outcomes.iter().any(|outcome| of_hooks(outcome) && !outcome.is_good()) {
        let left_out = |hook: &Hook| {
            outcomes.iter().any(|it| it.check == Check::Hook(*hook) && it.is_left_out())
        };
        let hooks = Hook::ALL.into_iter().filter(|hook| !left_out(hook)).collect();
        // Where hooks are and the guard isn't, the user does without it.
        let hook = |it: &Outcome| of_hooks(it) && it.is_good();
        let no_guard = outcomes.iter().any(|it| it.check == Check::Guard && it.is_left_out())
            && outcomes.iter().any(hook);
        let args = InstallArgs { hooks, no_guard, ..InstallArgs::default() };
        // What it could not do it has said, and the second look finds it again.
        install::run(&session.store.repository, &session.store.settings, &args)?;
    }
    let progress = session.term.progress("putting it right");
    let mended = checkup::mend(&session.store, outcomes);
    drop(progress);
    for (check, done) in mended {
        session.term.mended(check, &done);
    }
    Ok(())
}
