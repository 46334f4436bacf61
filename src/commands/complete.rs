//! complete: which words fit here? A shell's completion script asks while the user types.
//!
//! What fits an argument follows from its value's name in `cli`. Whatever goes wrong, nothing fits: an error
//! has no place in the middle of a line that is being typed.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::Result;
use clap::{Arg, Command, CommandFactory};
use clap_complete::engine::{self, ArgValueCompleter, CompletionCandidate};

use super::Session;
use crate::backups::outstanding;
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::cli::{Cli, CompleteArgs};
use crate::commands::choice::{paths, resolve};
use crate::exit_status::ExitStatus;
use crate::model::agents::agent_name::AgentName;
use crate::model::events::agent_note::AgentNote;
use crate::model::hook::name::HookName;
use crate::model::names::repo_path::RepoPath;
use crate::model::now::Now;
use crate::term;
use crate::transaction::moments::{Moments, TakenMoment};

type Candidates = Vec<CompletionCandidate>;

/// What looks values up: the words before the one that is typed, and that one.
type LookUp = fn(&Session, &[OsString], &str) -> Result<Candidates>;

/// Prints what the last of the words can become, a line each: the word, a tab, what it is.
pub fn run(args: &CompleteArgs, now: &Now) -> Result<ExitStatus> {
    let Some((last, before)) = args.words.split_last() else { return Ok(ExitStatus::Done) };
    let mut command = Cli::command().mut_subcommands(|verb| with_values(verb, before, *now));
    let cwd = std::env::current_dir().ok();
    let found = engine::complete(&mut command, args.words.clone(), before.len(), cwd.as_deref());
    let mut found = found.unwrap_or_default();
    // Options only where the user begins one, or where nothing else is possible.
    let is_option =
        |found: &CompletionCandidate| found.get_value().as_encoded_bytes().first() == Some(&b'-');
    if last.is_empty() && !found.iter().all(is_option) {
        found.retain(|candidate| !is_option(candidate));
    }
    let lines = found.iter().filter_map(|candidate| {
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        Some((candidate.get_value().to_str()?.to_owned(), help))
    });
    term::print(term::completions::lines(lines).as_bytes())?;
    Ok(ExitStatus::Done)
}

/// The verb, its arguments told where their values come from.
fn with_values(verb: Command, before: &[OsString], now: Now) -> Command {
    // Any file can be backed up; the system's are offered unasked.
    if verb.get_name() == "snapshot" {
        return verb;
    }
    verb.mut_args(|arg| match look_up_for(&arg) {
        Some(look_up) => {
            let before = before.to_vec();
            arg.add(ArgValueCompleter::new(move |word: &OsStr| {
                let found = Session::open(&now, false)
                    .and_then(|session| look_up(&session, &before, &word.to_string_lossy()));
                found.unwrap_or_default()
            }))
        }
        None => arg,
    })
}

fn look_up_for(arg: &Arg) -> Option<LookUp> {
    let name = arg.get_value_names()?.first()?.as_str();
    match name {
        "BACKUP" => Some(backups),
        "FILE" | "PATH" => Some(files),
        "PATH|BACKUP" => Some(files_and_backups),
        "FILE|BACKUP" => Some(file_then_backup),
        "TIME" => Some(times),
        "MOMENT" => Some(moments),
        "SESSION" => Some(sessions),
        "LIST" => Some(hooks),
        "NAME" => Some(agents),
        _ => None,
    }
}

/// The files that have a version somewhere, a folder at a time.
fn files(session: &Session, before: &[OsString], word: &str) -> Result<Candidates> {
    let named = named(session, before);
    let folder = word.rfind('/').map_or(0, |at| at + 1);
    let mut names = BTreeSet::new();
    for path in resolve::all_paths(session)? {
        let name = paths::from_here(session, &path);
        if name.starts_with(word) && !named.contains(&path) {
            let end = name[folder..].find('/').map_or(name.len(), |at| folder + at + 1);
            names.insert(name[..end].to_owned());
        }
    }
    Ok(names.into_iter().map(CompletionCandidate::new).collect())
}

/// `FILE@{N}` of the file that is named, or typed here, or the only one there is; of several, the files
/// first. Artifact ids and names of backup files once they are begun.
fn backups(session: &Session, before: &[OsString], word: &str) -> Result<Candidates> {
    let typed = word.split_once('@').map(|(file, _)| file);
    let mut paths = named(session, before);
    if paths.is_empty() {
        paths = resolve::all_paths(session)?;
        paths.retain(|path| {
            let name = paths::from_here(session, path);
            typed.map_or(name.starts_with(word), |file| name == file)
        });
    }
    let mut found = Vec::new();
    if paths.len() > 1 {
        let name = |path| format!("{}@", paths::from_here(session, path));
        found.extend(paths.iter().map(name).map(CompletionCandidate::new));
    } else if let Some(path) = paths.first() {
        let versions = versions::distinct(resolve::versions_of(session, path));
        found.extend(versions.iter().map(|version| numbered(session, version)));
    }
    if !word.is_empty() {
        found.extend(begun(session, word)?);
    }
    found.retain(|candidate| {
        candidate.get_value().to_str().is_some_and(|text| text.starts_with(word))
    });
    Ok(found)
}

/// Both. Those that are named already are not what the next backup is of.
fn files_and_backups(session: &Session, before: &[OsString], word: &str) -> Result<Candidates> {
    let mut found = files(session, before, word)?;
    found.extend(backups(session, &[], word)?);
    Ok(found)
}

/// A file; once there is one, its versions.
fn file_then_backup(session: &Session, before: &[OsString], word: &str) -> Result<Candidates> {
    let look_up = if named(session, before).is_empty() { files } else { backups };
    look_up(session, before, word)
}

fn numbered(session: &Session, version: &Version) -> CompletionCandidate {
    let name = paths::from_here(session, &version.path);
    CompletionCandidate::new(format!("{name}@{{{}}}", version.number))
        .help(Some(term::completions::version(version, &session.store.now).into()))
}

/// The artifact ids of the backup files that are there; their names where one is typed, for before that
/// they would stand in the way of the file's.
fn begun(session: &Session, word: &str) -> Result<Candidates> {
    let mut backups = outstanding::copies(&session.store)?;
    // A folder names its files in any order.
    backups.sort_by(|a, b| (&a.path, b.name.time).cmp(&(&b.path, a.name.time)));
    let found = backups.iter().filter_map(|backup| {
        let name = if word.contains(".bak") {
            paths::from_here(session, &backup.location())
        } else {
            backup.name.artifact?.to_string()
        };
        Some(CompletionCandidate::new(name).help(Some(session.term.path(&backup.path).into())))
    });
    Ok(found.collect())
}

/// Labels, and the times of the newest snapshots.
fn times(session: &Session, _: &[OsString], word: &str) -> Result<Candidates> {
    let labels = session.store.records.own().labels().into_iter();
    let mut found: Candidates = labels.map(CompletionCandidate::new).collect();
    for time in versions::times(&session.store).into_iter().rev().take(50) {
        let help = term::completions::moment(time, &session.store.now);
        found.push(CompletionCandidate::new(time.to_string()).help(Some(help.into())));
    }
    found.retain(|candidate| {
        candidate.get_value().to_str().is_some_and(|text| text.starts_with(word))
    });
    Ok(found)
}

/// What can be undone.
fn moments(session: &Session, _: &[OsString], word: &str) -> Result<Candidates> {
    let moments = Moments::of(&session.store)?;
    let all = moments.all().filter(|it| !it.is_undone && it.id().starts_with(word)).take(50);
    let shown = |it: TakenMoment<'_>| {
        let help = term::undo::about(&it);
        CompletionCandidate::new(it.id().to_owned()).help(Some(help.into()))
    };
    Ok(all.map(shown).collect())
}

/// Those of coding agents.
fn sessions(session: &Session, _: &[OsString], word: &str) -> Result<Candidates> {
    let moments = Moments::of(&session.store)?;
    let all = moments.sessions().into_iter().filter(|it| it.session.starts_with(word)).take(50);
    let shown = |it: &AgentNote| {
        CompletionCandidate::new(&it.session).help(Some(term::undo::agent(it).into()))
    };
    Ok(all.map(shown).collect())
}

fn hooks(_: &Session, _: &[OsString], word: &str) -> Result<Candidates> {
    let names = HookName::ALL.iter().map(ToString::to_string);
    Ok(names.filter(|name| name.starts_with(word)).map(CompletionCandidate::new).collect())
}

fn agents(_: &Session, _: &[OsString], word: &str) -> Result<Candidates> {
    let names = AgentName::ALL.iter().map(|agent| agent.name());
    Ok(names.filter(|name| name.starts_with(word)).map(CompletionCandidate::new).collect())
}

/// The files among the words before that have a version.
fn named(session: &Session, before: &[OsString]) -> BTreeSet<RepoPath> {
    let files = before.iter().skip(1).filter_map(|word| paths::file(session, Path::new(word)).ok());
    let mut files: BTreeSet<RepoPath> = files.collect();
    files.retain(|path| !resolve::versions_of(session, path).is_empty());
    files
}
