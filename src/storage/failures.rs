//! What the journal keeps of an attempt at a commit.

use crate::model::attempt::{Attempt, NOT_COMPLETED, State};
use crate::model::event::Kind;
use crate::model::failure::{Failure, Tried};
use crate::model::repo_path::RepoPath;

/// What an attempt came to, if it failed. One that is still open has not been completed.
pub fn of_attempt(attempt: &Attempt) -> Option<Failure> {
    let (step, status) = match &attempt.state {
        State::Open => (NOT_COMPLETED, None),
        State::Failed { step, status } => {
            (step.as_str(), Some(*status).filter(|_| step != NOT_COMPLETED))
        }
        State::Succeeded { .. } | State::Staged => return None,
    };
    // Unstaged edits are backed up as well, but are no part of the commit.
    let mut files = files(attempt, Some(Kind::Staged));
    if files.is_empty() {
        files = self::files(attempt, None);
    }
    let (time, offset) = attempt.began;
    let step = step.to_owned();
    Some(Failure { time, offset, tried: Tried::Commit, step, status, files, output: Vec::new() })
}

/// The files of an attempt that were kept for this reason, sorted, each once.
fn files(attempt: &Attempt, kind: Option<Kind>) -> Vec<RepoPath> {
    let of_kind = attempt.events.iter().filter(|event| kind.is_none() || event.kind == kind);
    let mut files: Vec<RepoPath> = of_kind.map(|event| event.path.clone()).collect();
    files.sort();
    files.dedup();
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::{Event, EventKind};
    use crate::model::now::Now;

    fn event(name: &str, kind: Kind) -> Event {
        let now: Now = "2025-11-06T20:10:45+02:00".parse().unwrap();
        let path = RepoPath::from_bytes(name.as_bytes().to_vec()).unwrap();
        let mut event = Event::new(EventKind::Created, &now, path);
        event.kind = Some(kind);
        event
    }

    fn names(attempt: &Attempt) -> Vec<String> {
        let files = of_attempt(attempt).unwrap().files;
        files.iter().map(|path| String::from_utf8_lossy(path.as_bytes()).into_owned()).collect()
    }

    #[test]
    fn a_commit_fails_with_what_was_staged_for_it() {
        let failed = State::Failed { step: "pre-commit hook".into(), status: 2 };
        let mut attempt = Attempt { state: failed, ..Attempt::default() };
        let staged = || event("s", Kind::Staged);
        attempt.events = vec![event("w", Kind::Worktree), staged(), staged()];
        let failure = of_attempt(&attempt).unwrap();
        assert_eq!((failure.step.as_str(), failure.status), ("pre-commit hook", Some(2)));
        assert_eq!(names(&attempt), ["s"]);
        attempt.events.truncate(1);
        assert_eq!(names(&attempt), ["w"]);
    }

    #[test]
    fn what_nobody_saw_has_no_status_and_a_success_is_no_failure() {
        let mut attempt = Attempt::default();
        let open = of_attempt(&attempt).unwrap();
        attempt.state = State::Failed { step: NOT_COMPLETED.into(), status: 0 };
        assert_eq!(of_attempt(&attempt).unwrap(), open);
        assert_eq!((open.step.as_str(), open.status), (NOT_COMPLETED, None));
        attempt.state = State::Succeeded { commit: "ab".into() };
        assert_eq!(of_attempt(&attempt), None);
    }
}
