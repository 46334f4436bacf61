//! Whether a file holds what Git itself would write there: then Git has it, and nothing needs copying.
//!
//! Knowing that takes the file's bytes, and a run of Git's filters where they aren't the blob's. So the answer is
//! remembered for the state that the file had, in `bak/judged` of the working tree; without it all are looked into
//! once more. A file that was written to just now is not believed to be in the state that it seems to be in.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::backups::Store;
use crate::backups::files::{SMALL, read_whole};
use crate::git::survey::hidden::Suspect;
use crate::git::worktree::worktree_form;
use crate::model::names::quote::{quote, unquote};
use crate::model::names::repo_path::RepoPath;
use crate::os::folder::{Folder, Source, Stat};
use crate::os::private;

/// A file's time may lag this far behind the clock: the system's own tick, and that of a file system whose times
/// have no nanoseconds.
const TICK: Duration = Duration::from_millis(20);
const COARSE: Duration = Duration::from_secs(2);

/// Of each file that was looked into, the state it had, with the blob it was compared with, and whether it held other
/// bytes than Git would write.
type Judged = HashMap<RepoPath, (String, bool)>;

/// Those of the suspects that hold other bytes than Git would write, and whatever can't be told.
pub fn with_edits(store: &Store, suspects: Vec<Suspect>) -> Result<Vec<Suspect>> {
    if suspects.is_empty() {
        return Ok(suspects);
    }
    let file = store.repository.own_bak_dir().join("judged");
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    let known = parse(&before);
    let began = SystemTime::now();
    let (mut judged, mut unknown) = (Judged::new(), Vec::new());
    for suspect in &suspects {
        let state = state(suspect);
        match known.get(&suspect.path).filter(|(then, _)| *then == state) {
            Some((_, edited)) => drop(judged.insert(suspect.path.clone(), (state, *edited))),
            None => unknown.push(suspect),
        }
    }
    let edited = compare(store, &unknown)?;
    for suspect in unknown {
        judged.insert(suspect.path.clone(), (state(suspect), edited.contains(&&suspect.path)));
    }
    let has_edits = |suspect: &Suspect| judged.get(&suspect.path).is_none_or(|(_, edited)| *edited);
    let (with, without): (Vec<_>, Vec<_>) = suspects.into_iter().partition(has_edits);
    for young in with.iter().chain(&without).filter(|it| !is_old(&it.stat, began)) {
        judged.remove(&young.path);
    }
    let after = text(&judged);
    if after != before {
        // Without it they are looked into again.
        let _ = private::make_dir(&store.repository.own_bak_dir())
            .and_then(|()| private::write(&file, after.as_bytes()));
    }
    Ok(with)
}

/// Those whose bytes are neither the blob's nor what Git's filters make of it.
fn compare<'a>(store: &Store, suspects: &[&'a Suspect]) -> Result<Vec<&'a RepoPath>> {
    let top = Folder::open(&store.repository.top)?;
    let id_in = |folder: &Folder, path: &RepoPath| {
        let Source { file, stat } = folder.parent_of(path).ok()?.read(path.file_name()).ok()?;
        let id = match stat.size <= SMALL {
            true => store.id_of(path, &read_whole(file, &stat).ok()?),
            false => {
                let own = store.objects.hash_open(&file).ok()?;
                store.clean_forms.id_of_file(own, path, &file)
            }
        };
        Some(id.ok()?.to_string())
    };
    store.clean_forms.ask(suspects.iter().map(|it| &it.path));
    let ids: HashMap<&RepoPath, Option<String>> =
        suspects.iter().map(|it| (&it.path, id_in(&top, &it.path))).collect();
    let others = suspects.iter().filter(|it| ids[&it.path].as_ref() != Some(&it.blob));
    // What Git would write for an encrypted file must not lie in the Git directory.
    let (mut edited, doubtful): (Vec<&RepoPath>, Vec<&RepoPath>) =
        others.map(|it| &it.path).partition(|path| store.clean_forms.is_for(path));
    if doubtful.is_empty() {
        return Ok(edited);
    }
    let folder = private::scratch(&store.repository.own_bak_dir(), "staged")?;
    let git = store.repository.git();
    // A filter that fails ends it, and those that are left count as edited.
    let _ = private::unshared(|| worktree_form::write(&git, folder.path(), &doubtful));
    let forms = Folder::open(folder.path())?;
    let is_form = |path: &&RepoPath| id_in(&forms, path).is_some_and(|id| ids[path] == Some(id));
    edited.extend(doubtful.into_iter().filter(|path| !is_form(path)));
    Ok(edited)
}

/// Any write from now on shows in the file's state.
fn is_old(stat: &Stat, now: SystemTime) -> bool {
    let slack = if stat.modified.1 == 0 { COARSE } else { TICK };
    let since = SystemTime::UNIX_EPOCH + Duration::from_secs(stat.changed.0.unsigned_abs());
    let changed = since + Duration::from_nanos(stat.changed.1.into());
    now.checked_sub(slack).is_some_and(|time| stat.modified_at().max(changed) < time)
}

fn state(suspect: &Suspect) -> String {
    let Stat { size, modified, changed, inode, .. } = suspect.stat;
    let (ms, mn, cs, cn) = (modified.0, modified.1, changed.0, changed.1);
    format!("{} {size} {ms}.{mn} {cs}.{cn} {}", suspect.blob, inode.1)
}

/// `= state TAB path` a line, the path as Git quotes it; `!` where the bytes were others.
fn text(judged: &Judged) -> String {
    let mut lines: Vec<_> = judged.iter().collect();
    lines.sort();
    lines.into_iter().fold(String::new(), |mut text, (path, (state, edited))| {
        let mark = if *edited { '!' } else { '=' };
        let _ = writeln!(text, "{mark} {state}\t{}", quote(path.as_bytes(), true));
        text
    })
}

fn parse(text: &str) -> Judged {
    let line = |line: &str| {
        let (state, path) = line.split_once('\t')?;
        let (mark, state) = state.split_once(' ')?;
        let path = unquote(path).unwrap_or_else(|| path.as_bytes().to_vec());
        Some((RepoPath::from_bytes(path).ok()?, (state.to_owned(), mark == "!")))
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_judged_is_read_again_and_what_makes_no_sense_is_passed_over() {
        let path = |name: &[u8]| RepoPath::from_bytes(name.to_vec()).unwrap();
        let judged = Judged::from([
            (path(b"a b"), ("1 2 3".to_owned(), true)),
            (path(b"\xff\n\t\"x"), ("4 5".to_owned(), false)),
        ]);
        assert_eq!(parse(&text(&judged)), judged);
        assert_eq!(parse("x\n\n= 1\n= 1 2\t../x\n").len(), 0);
    }
}
