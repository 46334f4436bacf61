//! What restore says.

use std::path::PathBuf;

use anyhow::Error;

use super::report::count;
use super::{Mark, Term};
use crate::backups::versions::Version;
use crate::model::events::line::Line;
use crate::model::names::quote::shell_argument;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::os::platform::bytes_of;

/// Why a file has no open work.
#[derive(Debug, Default)]
pub struct Closed {
    /// There is, or was, such a file.
    pub is_known: bool,
    pub stash: Option<usize>,
    /// The commit that took the newest version.
    pub commit: Option<Closing>,
    /// The newest version that no commit has.
    pub draft: Option<Version>,
}

#[derive(Debug)]
pub struct Closing {
    pub commit: String,
    pub time: Timestamp,
    /// It is in HEAD's history.
    pub is_here: bool,
}

/// Why nothing is put into the index.
#[derive(Debug)]
pub enum NotStaged {
    Unknown,
    Already(Box<Version>),
    Nothing,
    Unmerged,
}

/// A version, and the lines that come and go by putting it back.
type Shown<'a> = (&'a Version, Option<(usize, usize)>);

impl Term {
    pub fn restored(&self, all: &[Shown<'_>]) {
        let line = |shown: &Shown<'_>| format!("restored: {}", self.put(*shown, ","));
        self.some(Mark::Done, &all.iter().map(line).collect::<Vec<_>>(), "more files");
        for (version, _) in all.iter().filter(|(version, _)| version.is_doubtful) {
            let path = self.path(&version.path);
            let text =
                format!("{path}: its bytes don't match the name of the backup: git bak doctor");
            self.say(Mark::Failed, &text);
        }
    }

    /// `a, as of 2025-11-06 20:10:45 (before git reset --hard), +5 -1`
    fn put(&self, (version, lines): Shown<'_>, parted: &str) -> String {
        let cause = version.known.cause.as_deref().map(|cause| format!(" ({cause})"));
        let lines = lines.map(|lines| match lines {
            // The executable bit alone, or an empty file.
            (0, 0) => String::new(),
            (added, removed) => format!(", +{added} -{removed}"),
        });
        let (path, time) = (self.path(&version.path), version.time.for_people());
        let (cause, lines) = (cause.unwrap_or_default(), lines.unwrap_or_default());
        format!("{path}{parted} as of {time}{cause}{lines}")
    }

    /// What is about to be restored.
    pub fn would_restore(&self, shown: Shown<'_>, has_edits: bool) {
        let edits = if has_edits { ", over newer edits: --yes" } else { "" };
        self.say(Mark::Note, &format!("{}{edits}", self.put(shown, ":")));
    }

    /// Asked where a file has edits of its own.
    pub fn instead(&self, (version, _): Shown<'_>) -> String {
        let (path, time) = (self.path(&version.path), version.time.for_people());
        format!("{path} has newer edits: put back {time} instead? They are backed up first [y/N] ")
    }

    /// A file that was left alone for the edits in it.
    pub fn has_edits(&self, path: &RepoPath) {
        let (shown, word) = (self.path(path), self.word(path));
        let text = format!(
            "{shown}: not restored: it has newer edits; to replace them (they are backed up first): git bak restore --yes -- {word}"
        );
        self.say(Mark::Failed, &text);
    }

    /// The user has said no, or left the screen without picking anything.
    pub fn nothing_picked(&self) {
        self.say(Mark::Note, "nothing was restored");
    }

    /// The file already holds what would be restored.
    pub fn already(&self, version: &Version) {
        let (path, time) = (self.path(&version.path), version.time.for_people());
        self.say(Mark::Note, &format!("{path}: already holds your work as of {time}"));
    }

    pub fn nothing_to_restore(&self) {
        self.say(
            Mark::Note,
            "nothing to restore: git-bak knows of no work that is missing since the last commit",
        );
    }

    /// Lost work that a list leaves out.
    pub fn older(&self, files: usize, commit: Option<&str>, oldest: Timestamp) {
        let (more, oldest) = (count(files, "more file"), oldest.for_people());
        let text = format!(
            "{more} lost before commit {} (oldest {oldest}): git bak list",
            short(commit.unwrap_or("-"))
        );
        self.say(Mark::Note, &text);
    }

    /// Edits may be missing that git-bak never saw.
    pub fn guard_is_off(&self) {
        let text = "the guard is off, so edits made after the last add or commit are not known; \
                    to turn it on: git bak install";
        self.say(Mark::Note, text);
    }

    /// What stands there could not be backed up, so it was not overwritten.
    pub fn not_restored(&self, path: &RepoPath) {
        let text = format!(
            "{}: not restored: its present content could not be backed up",
            self.path(path)
        );
        self.say(Mark::Failed, &text);
    }

    /// Nothing can be put there, or the version can't be read.
    pub fn cannot_restore(&self, version: &Version, error: &Error) {
        let word = shell_argument(&self.numbered(version));
        self.say(Mark::Failed, &format!("{error:#}: git bak show {word}"));
    }

    fn numbered(&self, version: &Version) -> Vec<u8> {
        let number = format!("@{{{}}}", version.number).into_bytes();
        [version.path.seen_from(&self.here), number].concat()
    }

    /// A file has no open work.
    pub fn nothing_open(&self, path: &RepoPath, closed: &Closed) {
        let (shown, word) = (self.path(path), self.word(path));
        let draft = closed.draft.as_ref().map(|draft| {
            let (time, word) = (draft.time.for_people(), shell_argument(&self.numbered(draft)));
            format!("; an older draft is from {time}: git bak restore --from {word}")
        });
        let more = draft.unwrap_or_else(|| format!(": git bak list -- {word}"));
        let why = match (closed.stash, &closed.commit) {
            (Some(0), _) => "it is in stash@{0}: git stash pop".to_owned(),
            (Some(entry), _) => format!("it is in stash@{{{entry}}}: git stash pop {entry}"),
            (None, Some(it)) => {
                let (commit, time) = (short(&it.commit), it.time.for_people());
                let here = if it.is_here { "" } else { ", not on this branch" };
                format!("all known work was committed (newest: {commit}, {time}{here}){more}")
            }
            (None, None) if closed.is_known => {
                "git-bak never saw uncommitted work in it".to_owned()
            }
            (None, None) => return self.unknown(path.seen_from(&self.here).as_slice()),
        };
        self.say(Mark::Failed, &format!("{shown}: nothing to restore: {why}"));
    }

    /// What was staged is in the index again.
    pub fn staged(&self, version: &Version) {
        self.say(Mark::Done, &format!("staged again: {}", self.put((version, None), ",")));
    }

    /// Nothing is put into the index; whether all is as the user wants it.
    pub fn not_staged(&self, path: &RepoPath, why: &NotStaged) -> bool {
        let name = path.seen_from(&self.here);
        let path = self.path(path);
        let text = match why {
            NotStaged::Unknown => {
                self.unknown(&name);
                return false;
            }
            NotStaged::Already(version) => {
                let time = version.time.for_people();
                let text = format!("{path}: the index already has the version staged at {time}");
                self.say(Mark::Note, &text);
                return true;
            }
            NotStaged::Nothing => "nothing to restore: everything that was staged was committed",
            NotStaged::Unmerged => "not restored: it is unmerged: resolve it first",
        };
        self.say(Mark::Failed, &format!("{path}: {text}"));
        false
    }

    /// The moment as of which files are restored, and where HEAD was.
    pub fn as_of(&self, time: Timestamp, then: Option<&Line>, now_on: Option<&str>) {
        let branch =
            |name: &str| self.name(name.strip_prefix("refs/heads/").unwrap_or(name).as_bytes());
        let stood = then.map(|line| {
            let on = line.branch.as_deref();
            let head =
                line.head.as_deref().map_or(String::new(), |head| format!(", {}", short(head)));
            let now = now_on.filter(|now| on.is_some_and(|on| on != *now));
            let now = now.map_or(String::new(), |now| format!("; now on {}", branch(now)));
            format!(" (branch {}{head}{now})", on.map_or("-".to_owned(), branch))
        });
        let text = format!("as of {}{}", time.for_people(), stood.unwrap_or_default());
        self.say(Mark::Note, &text);
    }

    /// The moment that a time or a label came to.
    pub fn counted_from(&self, words: &str, time: Timestamp) {
        self.say(Mark::Note, &format!("{words} {}", time.for_people()));
    }

    /// A file of which nothing is known at a time.
    pub fn nothing_then(&self, path: &RepoPath, time: Timestamp) {
        let (path, time) = (self.path(path), time.for_people());
        self.say(Mark::Failed, &format!("{path}: it has no backup at or before {time}"));
    }

    /// Files that were as HEAD had them, and aren't now.
    pub fn clean_then(&self, paths: &[RepoPath], head: &str) {
        let words: Vec<String> = paths.iter().map(|path| self.word(path)).collect();
        let (files, words) = (count(paths.len(), "file"), words.join(" "));
        let was = if paths.len() == 1 { "was" } else { "were" };
        let text =
            format!("{files} {was} clean then: git restore --source={} -- {words}", short(head));
        self.say(Mark::Note, &text);
    }

    /// HEAD's files differ from when the versions were seen: by a commit since, or HEAD has gone elsewhere.
    pub fn changed_since(&self, all: &[(&RepoPath, Option<String>)]) {
        let line = |(path, commit): &(&RepoPath, Option<String>)| {
            let (shown, word) = (self.path(path), self.word(path));
            let what = commit
                .as_deref()
                .map_or("the commit you are on has another version of it".to_owned(), |it| {
                    format!("commit {} changed it after this copy", short(it))
                });
            format!("{shown}: {what}; see what you take back: git bak diff -- {word}")
        };
        self.some(Mark::Note, &all.iter().map(line).collect::<Vec<_>>(), "more files");
    }

    /// Files that are gone, and of which no work is known: Git has them.
    pub fn also_missing(&self, paths: &[RepoPath], typed: &[PathBuf]) {
        let command = match paths.len() {
            0 => return,
            1..=5 => {
                let words: Vec<String> = paths.iter().map(|path| self.word(path)).collect();
                format!("git restore -- {}", words.join(" "))
            }
            _ => {
                let words = typed.iter().map(|word| shell_argument(&bytes_of(word.as_os_str())));
                let words = words.collect::<Vec<_>>().join(" ");
                let words = if words.is_empty() { ":/" } else { &words };
                format!(
                    "git ls-files -dz -- {words} | git restore --pathspec-from-file=- --pathspec-file-nul"
                )
            }
        };
        let files = count(paths.len(), "file");
        let are = if paths.len() == 1 { "is" } else { "are" };
        let text = format!("{files} {are} missing, with no work that git-bak knows of: {command}");
        self.say(Mark::Note, &text);
    }
}

/// Asked before a list of files is restored.
pub fn question(files: usize) -> String {
    match files {
        1 => "restore this file? [y/N] ".to_owned(),
        n => format!("restore these {n}? [y/N] "),
    }
}

pub fn is_yes(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str())
}

pub(super) fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
