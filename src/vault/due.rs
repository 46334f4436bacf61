//! When a fold is called for, and how a hook starts one that it doesn't wait for.
//!
//! Never on a repository's first day, unless very much was kept: no test suite, job or container build ever sees
//! one. `bak/fold.lock` says when it was done last and when it was tried: one that can't be done is not tried
//! again and again.

use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::git::seal;
use crate::git::repository::Repository;
use crate::model::events::line::What;
use crate::model::now::Now;
use crate::record::{History, Record, day_of};

const MOST_BYTES: u64 = 50 << 20;
const MOST_BLOBS: u64 = 2000;
/// The bytes that a file takes in a list.
const A_FILE: u64 = 150;
const PAUSE: i64 = 600;

/// Whether a hook that has just appended should start a fold; `window` is what it has read. `interval`: how often at
/// most, where what is folded goes elsewhere.
pub fn is_due(record: &Record, window: &History, interval: Option<i64>, now: &Now) -> bool {
    let file = File::open(record.bak().join("fold.lock"));
    let (done, tried) = file.map_or((0, 0), |file| times(&file));
    let time = now.timestamp();
    if (0..interval.unwrap_or(PAUSE)).contains(&(time - tried)) {
        return false;
    }
    interval.is_some() || has_finished_day(record, done, time) || is_much(window, done)
}

fn has_finished_day(record: &Record, done: i64, time: i64) -> bool {
    let (today, done) = (day_of(time), day_of(done));
    done < today && record.days().iter().any(|day| *day < today && *day >= done)
}

/// What came since the last fold.
fn is_much(window: &History, done: i64) -> bool {
    let since =
        window.lines().iter().filter(|line| line.time >= done && line.what == What::Snapshot);
    let (mut blobs, mut bytes) = (0, 0u64);
    for line in since {
        // A list that was not read has so many, about.
        blobs += line.files.len() as u64 + line.big.map_or(0, |(_, length)| length / A_FILE);
        let sizes = line.files.iter().map(|seen| seen.size.unwrap_or(0));
        bytes = sizes.fold(bytes, u64::saturating_add);
    }
    blobs > MOST_BLOBS || bytes > MOST_BYTES
}

/// When a fold was done last, and when one was tried.
pub(super) fn times(mut file: &File) -> (i64, i64) {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(64).read_to_string(&mut text));
    let mut numbers = text.split_ascii_whitespace().map(|number| number.parse().unwrap_or(0));
    match read {
        Ok(_) => (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)),
        Err(_) => (0, 0),
    }
}

/// Starts `git-bak fold` in the background, without our streams, so that a reader of those doesn't wait for it. The
/// caller decides whether the user allows anything to run detached.
pub fn start_detached(repository: &Repository) -> Result<()> {
    let program = std::env::current_exe().context("our own program can't be found")?;
    let mut command = Command::new(program);
    seal(&mut command);
    for name in ["GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL"] {
        match std::env::var_os(name) {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
        .arg("fold")
        .current_dir(&repository.top)
        .env("GIT_DIR", &repository.git_dir)
        .env("GIT_WORK_TREE", &repository.top)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().context("the fold can't be started")?;
    Ok(())
}

/// What `git-bak fold` does first: a session of its own, so that no terminal ends it, and the lowest priority.
pub fn detach() {
    #[cfg(unix)]
    {
        // Both may fail: a process that leads a session already, or runs at the lowest priority, will do.
        let _ = rustix::process::setsid();
        let _ = rustix::process::nice(19);
    }
}
