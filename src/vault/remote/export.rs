//! The days as they leave this machine.
//!
//! Of a line of the record only what is named here goes: what it says of versions and commits, enough to restore
//! them. Files that Git ignores stay here, with all that is said of them, and so do what a command printed, the
//! command line of an agent, process ids. Host, path and worktree stand in each line instead of the worktree's name.
//!
//! Each line has commits of its own, so that a day that goes on is a continuation of what was sent of it; the same
//! lines give the same commits, on every try.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::Result;
use serde_json::{Map, Value};

use super::transport::Remote;
use crate::git::repository::Repository;
use crate::git::survey::ignored;
use crate::model::events::line::{Line, Seen, What};
use crate::model::now::Now;
use crate::os::platform;
use crate::record::{Raw, Record};
use crate::vault::commits::{self, Day};
use crate::vault::days::{is_id, plan};
use crate::vault::fold::FoldState;
use crate::vault::git::Sealed;
use crate::vault::gone::GoneLines;
use crate::vault::names::is_refused;
use crate::vault::present::{self, Lack, Lacks};
use crate::vault::stream::{self, Commit};
use crate::vault::strip::written;

/// What of a line goes, and what of each of its files.
const SENT: [&str; 11] =
    ["t", "z", "wt", "ev", "label", "head", "branch", "full", "named", "attempt", "commit"];
const SENT_OF_FILE: [&str; 9] =
    ["path", "path_c", "kind", "what", "id", "git", "clean", "size", "mode"];

/// In the place of a worktree and a day.
const NOTHING: [&str; 2] = ["nothing", "nothing"];

/// What the days came to.
#[derive(Debug, Default)]
pub(super) struct Exported {
    /// Each with its last commit.
    pub made: BTreeMap<Day, String>,
    /// Days of which the other place must keep nothing.
    pub gone: BTreeSet<Day>,
    /// Days that are no longer whole: something of them is lost here.
    pub partial: BTreeSet<Day>,
    /// A commit without anything.
    pub nothing: String,
}

/// Makes the days in the repository that is on its way to the other place.
pub(super) fn make(
    repository: &Repository,
    record: &Record,
    remote: &Remote,
    now: &Now,
) -> Result<Exported> {
    let vault = Sealed::of(record.bak().join("vault.git"));
    let state = FoldState::read(record, &vault, now)?;
    let ids = state.days.live(&state.gone).into_iter().filter(|id| is_id(id)).collect();
    let lacks = present::look(&vault, &ids, &HashSet::new())?;
    let private = private_paths(repository, state.days.all())?;
    let sieve = Sieve { gone: &state.gone, lacks: &lacks, private, origin: origin(repository) };
    let unread: BTreeSet<&String> = state.read.unread.iter().map(|(day, _)| day).collect();
    let (mut all, mut text) = (Exported::default(), stream::begin());
    for (day, lines) in state.days.lines.iter().filter(|(day, _)| !unread.contains(&day.1)) {
        if lines.iter().any(|raw| sieve.lost(raw)) {
            all.partial.insert(day.clone());
        }
        let sent = lines.iter().filter_map(|raw| sieve.sent(raw));
        let plans = sent.map(|raw| plan(&[raw], sieve.gone, sieve.lacks));
        let Ok(plans) = plans.collect::<Result<Vec<_>, String>>() else { continue };
        let commits: Vec<_> = plans.into_iter().flat_map(|plan| plan.commits).collect();
        match commits.iter().any(|commit| !commit.files.is_empty()) {
            true => stream::day(&mut text, day, &commits),
            false => drop(all.gone.insert(day.clone())),
        }
    }
    let (time, zone, subject) = (0, 0, "nothing is left of this day".to_owned());
    let nothing = Commit { time, zone, subject, body: Vec::new(), files: Vec::new() };
    stream::day(&mut text, &NOTHING.map(str::to_owned).into(), &[nothing]);
    stream::end(&mut text);
    remote.git.feed(["fast-import", "--quiet", "--force", "--date-format=raw"], text)?;
    let made = remote.git.output(["for-each-ref", "--format=%(refname) %(objectname)"])?;
    let made = String::from_utf8_lossy(&made).into_owned();
    for (name, id) in made.lines().filter_map(|line| line.split_once(' ')) {
        match commits::day_of(name) {
            Some(day) => drop(all.made.insert(day, id.to_owned())),
            None => id.clone_into(&mut all.nothing),
        }
    }
    Ok(all)
}

/// What decides what goes.
struct Sieve<'a> {
    gone: &'a GoneLines,
    lacks: &'a Lacks,
    private: BTreeSet<Vec<u8>>,
    origin: String,
}

impl Sieve<'_> {
    /// A line as it goes, if it does.
    fn sent(&self, raw: &Raw) -> Option<Raw> {
        let line = &raw.line;
        let is_of_versions = line.is_of_versions();
        if !is_of_versions && !matches!(line.what, What::Commit | What::Restored | What::Vanished) {
            return None;
        }
        let mut value: Map<String, Value> = serde_json::from_slice(&raw.text).ok()?;
        let files = value.remove("files").and_then(|files| match files {
            Value::Array(files) => Some(files),
            _ => None,
        });
        value.retain(|name, _| SENT.contains(&name.as_str()));
        value.insert("wn".to_owned(), self.origin(line).into());
        if let Some(cause) = &line.cause {
            value.insert("cause".to_owned(), told(cause).into());
        }
        // What a commit's line names are backups, of private files, too.
        let seen = line.files.iter().zip(files.unwrap_or_default());
        let seen = seen.filter(|(seen, _)| line.what != What::Commit && self.is_sent(raw, seen));
        let files: Vec<Value> = seen.map(|(_, file)| of_file(file)).collect();
        if is_of_versions && files.is_empty() {
            return None;
        }
        value.insert("files".to_owned(), files.into());
        Raw::of(&raw.day, raw.place.clone(), &written(value))
    }

    fn is_sent(&self, raw: &Raw, seen: &Seen) -> bool {
        let is_version = raw.line.is_of_versions() && seen.id.is_some();
        let path = seen.path_bytes().unwrap_or_default();
        let is_open = !seen.ignored && !self.private.contains(&path) && !is_refused(&path);
        let is_had = |id: &String| {
            let waits = matches!(self.lacks.get(id), None | Some(Lack::Unreadable(_)));
            is_id(id) && waits && !self.gone.has(raw, seen)
        };
        is_open && (!is_version || seen.id.as_ref().is_some_and(is_had))
    }

    /// Whether something of it should be there and isn't.
    fn lost(&self, raw: &Raw) -> bool {
        let is_lost =
            |id: &String| matches!(self.lacks.get(id), Some(Lack::Absent | Lack::Damaged));
        let mut versions = raw.line.versions().filter(|seen| !self.gone.has(raw, seen));
        versions.any(|seen| seen.id.as_ref().is_some_and(is_lost))
    }

    fn origin(&self, line: &Line) -> String {
        match &line.worktree_name {
            Some(name) => format!("{} ({name})", self.origin),
            None => self.origin.clone(),
        }
    }
}

fn of_file(file: Value) -> Value {
    let Value::Object(mut file) = file else { return file };
    file.retain(|name, _| SENT_OF_FILE.contains(&name.as_str()));
    file.into()
}

/// A cause without the words of a command line, which may say anything; a cause of Git's has only verb and options.
fn told(cause: &str) -> String {
    let words = match cause.split(' ').next() {
        Some("agent") => 2,
        Some("run" | "apply") => 1,
        _ => return cause.to_owned(),
    };
    let words: Vec<&str> = cause.split(' ').take(words).collect();
    words.join(" ").trim_end_matches([':', ',']).to_owned()
}

/// Files that Git ignores now, or did when they were copied.
fn private_paths<'a>(
    repository: &Repository,
    lines: impl Iterator<Item = &'a Raw>,
) -> Result<BTreeSet<Vec<u8>>> {
    let files = lines.flat_map(|raw| &raw.line.files).filter_map(Seen::path_bytes);
    let mut paths: BTreeSet<Vec<u8>> = files.collect();
    // Git isn't asked about what can't be in a working tree, nor about what lies behind a link or in another
    // repository now.
    paths.retain(|path| !is_refused(path));
    let (asked, hidden) = paths.into_iter().partition(|path| is_plainly_below(repository, path));
    Ok(ignored::by_rules(&repository.git(), &asked)?.into_iter().chain(hidden).collect())
}

fn is_plainly_below(repository: &Repository, path: &[u8]) -> bool {
    let path = platform::path_from_bytes(path);
    let mut above = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    above.all(|folder| {
        let place = repository.top.join(folder);
        !place.is_symlink() && place.join(".git").symlink_metadata().is_err()
    })
}

/// `host:path`
fn origin(repository: &Repository) -> String {
    let path = match repository.common_dir.file_name() {
        Some(name) if name == ".git" => repository.common_dir.parent(),
        _ => None,
    };
    let path = platform::bytes_of(path.unwrap_or(&repository.common_dir).as_os_str());
    format!("{}:{}", platform::host_name(), String::from_utf8_lossy(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_command_line_only_its_beginning_is_told() {
        for (cause, shown) in [
            ("agent claude: Bash curl -H 'token: hush'", "agent claude"),
            ("agent codex", "agent codex"),
            ("run deploy --token hush", "run"),
            ("before git reset --hard", "before git reset --hard"),
            ("commit", "commit"),
        ] {
            assert_eq!(told(cause), shown);
        }
    }
}
