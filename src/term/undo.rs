//! What undo says.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::page::{Colour, Page};
use super::report::{ago, count};
use super::{Mark, Term, one_line};
use crate::model::agents::agent_name::AgentName;
use crate::model::events::agent_note::AgentNote;
use crate::model::names::quote::shell_argument;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::model::now::Now;
use crate::model::transaction::{State, Touched, Transaction};
use crate::transaction::RolledBack;
use crate::transaction::moments::{HeadMoved, TakenMoment};

/// A file, whether something is there afterwards, and the lines that come and go.
pub type ShownUndo<'a> = (&'a RepoPath, bool, Option<(usize, usize)>);

/// How many files of a moment a list names.
const SOME: usize = 3;

impl Term {
    /// What is about to be undone.
    pub fn would_undo(&self, moment: &TakenMoment<'_>, files: &[ShownUndo<'_>]) {
        let verb = if moment.line.undoes.is_some() { "redo what was undone by" } else { "undo" };
        self.say(Mark::Note, &format!("{verb} {}:", about(moment)));
        let lines: Vec<String> = files.iter().map(|file| self.shown_undo(file)).collect();
        self.some(Mark::Note, &lines, "more files");
        let verb = moment.command().split(' ').nth(1).unwrap_or_default();
        if ["merge", "rebase", "cherry-pick", "revert", "am"].contains(&verb) {
            self.say(Mark::Note, &format!("the {verb} itself is not taken up again"));
        }
    }

    /// What comes to one file of it.
    pub fn shown_undo(&self, (path, is_there, lines): &ShownUndo<'_>) -> String {
        let lines = lines.map(|(added, removed)| format!(", +{added} -{removed}"));
        let how = if *is_there { "comes back" } else { "goes" };
        format!("{}: {how}{}", self.path(path), lines.unwrap_or_default())
    }

    /// A file is not what the moment left.
    pub fn changed_since_then(&self, path: &RepoPath) -> String {
        format!("{}: changed since", self.path(path))
    }

    pub fn nothing_undone(&self) {
        self.say(Mark::Note, "nothing was undone");
    }

    /// It was done, and looked at; `wrong`: the files that were changed again meanwhile.
    pub fn has_undone(&self, touched: &[Touched], wrong: &[RepoPath], is_redo: bool) {
        for path in wrong {
            let path = self.path(path);
            self.say(Mark::Failed, &format!("{path}: something has changed it again"));
        }
        let is_fine = |it: &&Touched| !wrong.contains(&it.path);
        let (gone, back): (Vec<&Touched>, Vec<&Touched>) =
            touched.iter().filter(is_fine).partition(|it| *it.after() == State::Nothing);
        let mut parts = Vec::new();
        if !back.is_empty() || gone.is_empty() {
            parts.push(format!("{} put back", count(back.len(), "file")));
        }
        if !gone.is_empty() {
            parts.push(format!("{} removed", count(gone.len(), "file")));
        }
        let (done, other) = match is_redo {
            true => ("redone", "git bak undo"),
            false => ("undone", "git bak undo --redo"),
        };
        self.say(Mark::Done, &format!("{done}: {}; the other way: {other}", parts.join(", ")));
    }

    /// A file could not be written, or was changed just now: all are as they were before.
    pub fn undo_failed(&self, done: &RolledBack) {
        for (path, reason) in &done.failed {
            self.say(Mark::Failed, &format!("{}: not put back: {reason}", self.path(path)));
        }
        let text = match done.is_whole() {
            true => "nothing was undone: every file is as it was before",
            false => "once that is out of the way: git bak undo",
        };
        self.say(Mark::Failed, text);
    }

    /// An undo before was cut short.
    pub fn mending(&self, left: &Transaction) {
        let text = format!("{}: it is brought to its end first", super::rollback::unfinished(left));
        self.say(Mark::Note, &text);
    }

    /// The files that are not what the moment left.
    pub fn changed_meanwhile(&self, moment: &TakenMoment<'_>, paths: &[RepoPath], by_name: bool) {
        let lines: Vec<String> = paths.iter().map(|path| self.changed_since_then(path)).collect();
        self.some(Mark::Failed, &lines, "more files were changed since");
        let words: Vec<String> = paths.iter().map(|path| self.option_word(path)).collect();
        let text = format!(
            "nothing was undone; to undo it all the same (what is there is backed up first): {} --force {}",
            command(moment, by_name),
            words.join(" ")
        );
        self.say(Mark::Failed, &text);
    }

    /// A path as the value of an option: none begins with a hyphen.
    fn option_word(&self, path: &RepoPath) -> String {
        let seen = path.seen_from(&self.here);
        let hyphen = if seen.starts_with(b"-") { &b"./"[..] } else { b"" };
        shell_argument(&[hyphen, &seen].concat())
    }

    /// The newest moment is older than a commit.
    pub fn before_a_commit(&self, moment: &TakenMoment<'_>) {
        let text =
            format!("{} is older than your last commit: {}", about(moment), command(moment, true));
        self.say(Mark::Failed, &text);
        self.say(Mark::Note, "to take back the commit: git reset --soft HEAD~1");
    }

    /// The command has moved HEAD, too.
    pub fn head_moved_since(&self, moment: &TakenMoment<'_>, moved: &HeadMoved, by_name: bool) {
        let commit = moved.was.get(..7).unwrap_or(&moved.was);
        let name = |name: &str| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned();
        let back = match &moved.on {
            None => format!("git switch --detach {commit}"),
            Some(on) if moved.is_on != moved.on => {
                format!("git switch {}", shell_argument(name(on).as_bytes()))
            }
            Some(_) => format!("git reset --keep {commit}"),
        };
        let (what, undo) = (about(moment), command(moment, by_name));
        let text = format!("{what} also moved HEAD, from {commit}: {back} && {undo}");
        self.say(Mark::Failed, &text);
    }

    pub fn no_moments(&self) {
        self.say(Mark::Note, "nothing took work, as far as git-bak has seen");
    }

    /// One line for each moment: how long ago, its name, the command, the files.
    ///
    /// What agents did stands together, by sessions, each where its newest step would be.
    pub fn moments(&self, moments: &[TakenMoment<'_>], now: &Now, page: &Page) -> String {
        let mut text = String::new();
        let widest = moments.iter().map(|it| step_of(it).len()).max().unwrap_or(0);
        let (mut shown, mut last) = (BTreeSet::new(), None);
        let key = |it: &TakenMoment<'_>| it.agent.map(|it| (it.name.clone(), it.session.clone()));
        let grouped = moments.iter().flat_map(|moment| match key(moment) {
            None => vec![moment],
            of if shown.insert(of.clone()) => moments.iter().filter(|it| key(it) == of).collect(),
            _ => Vec::new(),
        });
        for moment in grouped {
            if last != key(moment) {
                let head = moment.agent.map_or_else(|| "others:".to_owned(), session_of);
                let _ = writeln!(text, "{}", page.paint(Colour::Cyan, &head));
            }
            last = key(moment);
            let when = ago(now.timestamp().saturating_sub(moment.line.time));
            let id = page.paint(Colour::Yellow, &format!("{:<8}", one_line(moment.id())));
            let undone = if moment.is_undone { "undone  " } else { "" };
            let mut names: Vec<String> =
                moment.files.iter().take(SOME).map(|file| self.path(&file.path)).collect();
            if moment.files.len() > SOME {
                names.push(format!("and {} more", moment.files.len() - SOME));
            }
            let names = page.start_of(&names.join(", "), 22 + widest + undone.len());
            let command = step_of(moment);
            let _ = writeln!(text, "{when:>8}  {id}  {command:<widest$}  {undone}{names}");
        }
        text
    }
}

/// `git reset --hard, 31 files`
pub fn with_count(moment: &TakenMoment<'_>) -> String {
    let by = moment.agent.map(|note| format!(" ({})", agent(note))).unwrap_or_default();
    format!("{}{by}, {}", step_of(moment), count(moment.files.len(), "file"))
}

/// `git reset of 2025-11-06 20:10:45`
pub fn about(moment: &TakenMoment<'_>) -> String {
    let time = Timestamp::of_seconds(moment.line.time, moment.line.zone).for_people();
    match moment.agent.filter(|_| !moment.whole.is_empty()) {
        Some(note) => format!("session {} of {} since {time}", note.session, agent(note)),
        None => match &moment.line.agent {
            Some(note) => format!("{} ({}) of {time}", step_of(moment), agent(note)),
            None => format!("{} of {time}", command_of(moment)),
        },
    }
}

/// What its makers call it.
pub fn agent(note: &AgentNote) -> String {
    let known = note.name.parse::<AgentName>().map(|name| name.to_string());
    known.unwrap_or_else(|_| if note.name.is_empty() { "an agent" } else { &note.name }.to_owned())
}

/// The line above a session's steps.
fn session_of(note: &AgentNote) -> String {
    let session = &note.session;
    match session.is_empty() {
        true => format!("{}:", agent(note)),
        false => format!("{}, session {session}: git bak undo --session {session}", agent(note)),
    }
}

/// There is none of this name, or there are several.
pub fn no_such_session(word: &str, known: &[&AgentNote]) -> String {
    let shown = |it: &&AgentNote| format!("{} ({})", it.session, agent(it));
    let all: Vec<String> = known.iter().take(5).map(shown).collect();
    let more = if known.len() > all.len() { ", …" } else { "" };
    let all = all.join(", ");
    match known.iter().any(|it| it.session.starts_with(word)) {
        true => format!("'{word}' may be several sessions: {all}{more}"),
        false if known.is_empty() => {
            format!("'{word}' is no session: no step of a coding agent is on record here")
        }
        false => format!("'{word}' is no session on record here: there are {all}{more}"),
    }
}

/// What took the work: of an agent's step the tool, and the command's name.
fn step_of(moment: &TakenMoment<'_>) -> String {
    let command = command_of(moment);
    let Some(note) = &moment.line.agent else { return command };
    let words = ["agent", &note.name, &note.session].into_iter().filter(|word| !word.is_empty());
    let start = words.collect::<Vec<_>>().join(" ");
    let step = command.strip_prefix(&start).unwrap_or(&command).trim_start();
    if step.is_empty() { "a step" } else { step }.to_owned()
}

/// What took the work, as it is called.
fn command_of(moment: &TakenMoment<'_>) -> String {
    match moment.command() {
        "git" => "a git command".to_owned(),
        command => one_line(command),
    }
}

/// The command that undoes it.
fn command(moment: &TakenMoment<'_>, by_name: bool) -> String {
    if let Some(note) = moment.agent.filter(|_| !moment.whole.is_empty()) {
        return format!("git bak undo --session {}", note.session);
    }
    match by_name {
        true => format!("git bak undo {}", one_line(moment.id())),
        false => "git bak undo".to_owned(),
    }
}
