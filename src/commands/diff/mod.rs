//! diff: what a restore would change, as a patch that `git apply` takes, by Git's own diff.
//!
//! - `chosen`: which versions it compares.
//!
//! Both sides are commits in a repository of their own that is thrown away, so Git shows names from the top, goes by
//! the user's attributes, drivers, colours and pager, and takes every option that it has.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Session;
use super::undo::plan::{UndoPlan, UndoPut};
use super::undo::{named, of_session};
use crate::backups::restore;
use crate::backups::restore::Present;
use crate::backups::versions::Version;
use crate::cli::DiffArgs;
use crate::commands::choice::selection::Selection;
use crate::exit_status::ExitStatus;
use crate::model::names::repo_path::RepoPath;
use crate::model::transaction::State;
use crate::os::folder::Stat;
use crate::os::platform::{bytes_of, path_from_bytes};
use crate::os::private;
use crate::transaction::moments::{Moments, TakenMoment};
use crate::vault::states;

mod chosen;

use chosen::chosen;

/// A file's bytes, and whether it may be executed.
type Content = (Vec<u8>, bool);

/// What stands at a path, and what would come in its place, if anything.
struct Compared {
    path: RepoPath,
    there: Option<Content>,
    comes: Option<Content>,
}

/// Names as `git apply` takes them, whatever the user's settings; an option that was typed counts more.
const NAMES: [&str; 5] = [
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "diff.srcPrefix=a/",
    "diff.dstPrefix=b/",
    "diff.relative=false",
];
/// Git takes a word of its own after each of these.
const WITH_VALUE: [&[u8]; 6] = [b"-S", b"-G", b"-O", b"-U", b"-l", b"--output"];

pub fn run(session: &Session, args: &DiffArgs) -> Result<ExitStatus> {
    let Parted { options, words, files, session: of, moment } = parted(&args.words);
    let of = args.session.as_ref().or(of.as_ref());
    let moment = args.moment.as_ref().or(moment.as_ref());
    if of.is_some() || moment.is_some() {
        let moments = Moments::of(&session.store)?;
        let by_name = |word: &String| named(session, &moments, word);
        let moment = moment.map(by_name).transpose()?;
        let taken = of.map(|word| of_session(session, &moments, word)).transpose()?.or(moment);
        let typed: Vec<PathBuf> = words.into_iter().chain(files).collect();
        let files = of_moment(session, &moments, taken.as_ref(), &typed)?;
        if files.is_empty() {
            return Ok(ExitStatus::Done);
        }
        let is_plain = files.iter().any(|file| session.store.clean_forms.is_for(&file.path));
        return show(session, &options, &files, is_plain);
    }
    let (versions, status) = chosen(session, &words, &files)?;
    if versions.is_empty() {
        return Ok(status);
    }
    let is_plain = versions.iter().any(|version| version.clean);
    let files = of_versions(session, &versions)?;
    Ok(show(session, &options, &files, is_plain)?.and(status))
}

/// What was typed: Git's options, what else, what stands behind `--`, and our own options behind one of Git's.
#[derive(Default)]
struct Parted {
    options: Vec<PathBuf>,
    words: Vec<PathBuf>,
    files: Vec<PathBuf>,
    session: Option<String>,
    moment: Option<String>,
}

fn parted(all: &[PathBuf]) -> Parted {
    let mut parted = Parted::default();
    let end = all.iter().position(|word| word.as_os_str() == "--");
    let (words, files) = all.split_at(end.unwrap_or(all.len()));
    parted.files = files.iter().skip(1).cloned().collect();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let bytes = bytes_of(word.as_os_str());
        let mut parts = bytes.splitn(2, |&byte| byte == b'=');
        let (name, value) = (parts.next().unwrap_or_default(), parts.next());
        let ours = match name {
            b"--session" => Some(&mut parted.session),
            b"--moment" => Some(&mut parted.moment),
            _ => None,
        };
        if let Some(ours) = ours {
            let value = value.map(<[u8]>::to_vec);
            let value = value.or_else(|| words.next().map(|it| bytes_of(it.as_os_str()).to_vec()));
            *ours = value.map(|it| String::from_utf8_lossy(&it).into_owned());
        } else if WITH_VALUE.contains(&&*bytes) {
            // The value may look like an option.
            parted.options.extend([word].into_iter().chain(words.next()).cloned());
        } else if bytes.starts_with(b"-") {
            parted.options.push(word.clone());
        } else {
            parted.words.push(word.clone());
        }
    }
    parted
}

/// The versions, each beside what stands there.
fn of_versions(session: &Session, versions: &[Version]) -> Result<Vec<Compared>> {
    let mut files = Vec::with_capacity(versions.len());
    for version in versions {
        let (is_executable, will_be) = match session.look(&version.path)? {
            Present::File(Stat { permissions, .. }) => {
                (permissions & 0o100 != 0, restore::bits(version, permissions) & 0o100 != 0)
            }
            Present::Nothing => (version.executable, version.executable),
        };
        let (there, bytes) = (session.present(&version.path)?, session.bytes(version)?);
        let path = version.path.clone();
        files.push(Compared {
            path,
            there: there.map(|bytes| (bytes, is_executable)),
            comes: Some((bytes, will_be)),
        });
    }
    Ok(files)
}

/// What a moment did, as an undo would take it back; whatever was changed since.
fn of_moment(
    session: &Session,
    moments: &Moments<'_>,
    moment: Option<&TakenMoment<'_>>,
    files: &[PathBuf],
) -> Result<Vec<Compared>> {
    let Some(moment) = moment else { return Ok(Vec::new()) };
    let selection = Selection::of(session, files)?;
    let all = moment.files.iter().map(|file| file.path.clone()).collect();
    let puts = UndoPlan::of(session, moments, moment, &all)?.puts.into_iter();
    let puts = puts.filter(|put| files.is_empty() || selection.has(&put.path));
    let side = |state: &State, bytes| match state {
        State::Nothing => None,
        State::Link { target } => Some((target.clone(), false)),
        State::File { permissions, .. } => Some((bytes, permissions & 0o100 != 0)),
    };
    let compared = |put: UndoPut| Compared {
        there: side(&put.from, put.there),
        comes: side(&put.to, put.bytes),
        path: put.path,
    };
    Ok(puts.map(compared).collect())
}

/// Hands the files as they are, and as they would be, to Git.
fn show(
    session: &Session,
    options: &[PathBuf],
    files: &[Compared],
    is_plain: bool,
) -> Result<ExitStatus> {
    let store = &session.store;
    let scratch = match is_plain {
        // None of its bytes may be left under the Git directory, should we die.
        true => tempfile::Builder::new().prefix("git-bak-diff-").tempdir()?,
        false => private::scratch(&store.repository.own_bak_dir(), "diff")?,
    };
    let side = |of: fn(&Compared) -> &Option<Content>| {
        let sides = files.iter().filter_map(|it| of(it).as_ref().map(|side| (&it.path, side)));
        sides.map(|(path, (bytes, mode))| (path, bytes.as_slice(), *mode)).collect()
    };
    let states = [side(|it| &it.there), side(|it| &it.comes)];
    let [old, new] = states::commit(scratch.path(), store.repository.format, &states)?;
    let objects = states::borrowing(&scratch.path().join("objects"));
    let is_read = store.repository.git().with_env(states::BORROWS, objects.clone());
    let is_read = is_read.output(["rev-parse", "-q", "--verify", &format!("{old}^{{}}")]);
    let mut command = std::process::Command::new("git");
    if is_read.is_err() {
        // Git can't read the user's repository (a broken ref, say): it needs nothing of it but the attributes.
        command.args([
            Path::new("--git-dir"),
            scratch.path(),
            Path::new("--work-tree"),
            &store.repository.top,
        ]);
    }
    // The user's own command line, so with the user's own hooks path, pager and configuration.
    let status = command
        .args(NAMES.iter().flat_map(|setting| ["-c", setting]))
        .args(unfiltered(session))
        .arg("diff")
        .args(options)
        .args([old, new])
        .arg("--")
        .current_dir(&session.cwd)
        .env(states::BORROWS, objects)
        .status()
        .context("git diff can't be started")?;
    Ok(match status.code() {
        Some(0) => ExitStatus::Done,
        // Git's word for "they differ", where it was asked for.
        Some(1) => ExitStatus::No,
        Some(129) => ExitStatus::Usage,
        _ => ExitStatus::Failed,
    })
}

/// Both sides are as the working tree has them: for a program that shows them Git would filter them once more.
fn unfiltered(session: &Session) -> Vec<OsString> {
    let keys: [&[u8]; 3] = [b".smudge=", b".process=", b".required=false"];
    let setting = |driver: &[u8], key| path_from_bytes(&[b"filter.", driver, key].concat());
    let drivers = session.store.settings.filters.iter();
    let settings = drivers.flat_map(|driver| keys.map(|key| setting(driver, key)));
    settings.flat_map(|setting| ["-c".into(), setting.into_os_string()]).collect()
}
