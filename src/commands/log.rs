//! log: what happened to the backups, newest first.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::Result;

use super::Session;
use crate::cli::LogArgs;
use crate::commands::choice::selection::Selection;
use crate::commands::choice::times;
use crate::exit_status::ExitStatus;
use crate::git::line_diff;
use crate::model::events::event::{Event, EventKind};
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::bytes_of;
use crate::term;

pub fn run(session: &Session, args: &LogArgs) -> Result<ExitStatus> {
    let (paths, number) = counted(&args.paths, args.number);
    let since = args.since.as_deref().map(|word| times::since(session, word)).transpose()?;
    let selected = Selection::of(session, &paths)?;
    let looks_at_bytes = args.patch || args.text.is_some();
    let most = number.filter(|_| !looks_at_bytes && since.is_none());
    let mut events = session.store.records.events(&|path| selected.has(path), most);
    let touched = events.iter().map(|event| event.path.clone());
    let status = selected.name_unknown(session, touched);
    let before = if looks_at_bytes { ids_before(&events) } else { vec![None; events.len()] };
    let mut shown = Vec::new();
    for (event, before) in events.drain(..).zip(before) {
        if shown.len() >= number.unwrap_or(usize::MAX) || since.is_some_and(|it| event.time < it) {
            break;
        }
        let (is_it, patch) = match looks_at_bytes {
            true => looked_at(session, args, &event, before.as_deref()),
            false => (true, Vec::new()),
        };
        if is_it {
            shown.push((event, patch));
        }
    }
    let (events, patches): (Vec<Event>, Vec<Vec<u8>>) = shown.into_iter().unzip();
    if args.json {
        term::print(term::json::log_json(&events).as_bytes())?;
    } else if !events.is_empty() {
        let page = session.page();
        page.show(&session.term.log(&events, &patches, &session.store.now, &page))?;
    } else if status == ExitStatus::Done {
        session.term.no_events();
    }
    Ok(status)
}

/// The paths, and how many events are wanted: `-3` is a number, as it is to `git log`.
pub(super) fn counted(typed: &[PathBuf], number: Option<usize>) -> (Vec<PathBuf>, Option<usize>) {
    let said = number;
    let number = |path: &PathBuf| path.to_str()?.strip_prefix('-')?.parse::<usize>().ok();
    let (numbers, paths): (Vec<_>, Vec<_>) =
        typed.iter().cloned().partition(|path| number(path).is_some());
    (paths, said.or(numbers.last().and_then(number)))
}

/// Of each event, newest first, the id of the version of its file before that.
fn ids_before(events: &[Event]) -> Vec<Option<String>> {
    let mut last: HashMap<&RepoPath, &String> = HashMap::new();
    let mut before: Vec<Option<String>> = Vec::with_capacity(events.len());
    for event in events.iter().rev() {
        before.push(last.get(&event.path).map(|id| (*id).clone()));
        if let Some(id) = &event.blob {
            last.insert(&event.path, id);
        }
    }
    before.reverse();
    before
}

/// Whether an event is of a version that is asked for, and its patch if that is wanted.
fn looked_at(
    session: &Session,
    args: &LogArgs,
    event: &Event,
    before: Option<&str>,
) -> (bool, Vec<u8>) {
    let is_version =
        matches!(event.what, EventKind::Created | EventKind::Deposited | EventKind::Found);
    let bytes = |id: &str| bytes(session, event, id);
    let new = event.blob.as_deref().filter(|_| is_version).and_then(bytes);
    let Some(new) = new else { return (args.text.is_none(), Vec::new()) };
    let old = before.map_or(Some(Vec::new()), bytes).unwrap_or_default();
    if let Some(text) = &args.text {
        let text = bytes_of(text);
        if occurrences(&old, &text) == occurrences(&new, &text) {
            return (false, Vec::new());
        }
    }
    let patch = match args.patch {
        true => line_diff::text(event.path.as_bytes(), &old, &new)
            .unwrap_or_else(|| b"no text\n".to_vec()),
        false => Vec::new(),
    };
    (true, patch)
}

/// The bytes of a version of the event's file, if the vault has them still.
fn bytes(session: &Session, event: &Event, id: &str) -> Option<Vec<u8>> {
    let store = &session.store;
    let id = store.objects.parse(id).ok()?;
    match event.clean {
        true => store.clean_forms.plain(&store.vault, &event.path, id).ok(),
        false => store.vault.read(id).ok(),
    }
}

fn occurrences(bytes: &[u8], text: &[u8]) -> usize {
    if text.is_empty() {
        return 0;
    }
    bytes.windows(text.len()).filter(|part| *part == text).count()
}
