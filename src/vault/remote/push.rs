//! What the other place lacks goes there, each day by itself: one that is refused keeps no other back.
//!
//! The newest goes first. A day that goes on where the other place's copy ends is always taken; one that was rebuilt
//! replaces only the very commit that was sent from here (a lease), and only if nothing of it is lost here. A day of
//! which the record says that all of it is gone goes there, too. What was sent is written down after each day.

use std::path::Path;

use anyhow::Result;

use super::export::{self, Exported};
use super::state::{RemoteState, key};
use super::transport::Remote;
use crate::git::repository::Repository;
use crate::model::now::Now;
use crate::model::settings::remote_url::RemoteUrl;
use crate::os::private;
use crate::record::Record;
use crate::vault::commits::{Day, branch};

/// What one try came to.
#[derive(Debug, Default)]
pub struct Pushed {
    /// Another process is sending.
    pub is_busy: bool,
    pub sent: usize,
    pub deleted: usize,
    /// Days that were not sent, and why.
    pub failed: Vec<(String, String)>,
}

/// Sends what there is; the outcome is written down, whatever it is.
pub fn push(
    repository: &Repository,
    record: &Record,
    url: &RemoteUrl,
    is_detached: bool,
    now: &Now,
) -> Result<Pushed> {
    let bak = record.bak();
    let lock = private::open(&bak.join("push.lock"))?;
    if matches!(lock.try_lock(), Err(std::fs::TryLockError::WouldBlock)) {
        return Ok(Pushed { is_busy: true, ..Pushed::default() });
    }
    let mut state = RemoteState::read(bak);
    if state.url != url.to_string() {
        state = RemoteState { url: url.to_string(), ..RemoteState::default() };
    }
    state.tried = Some(now.timestamp());
    let pushed = Remote::open(repository, url).and_then(|remote| {
        let mut remote = remote;
        remote.is_detached = is_detached;
        let exported = export::make(repository, record, &remote, now)?;
        send(&remote, &exported, bak, &mut state)
    });
    state.failed = match &pushed {
        Ok(pushed) => pushed.failed.iter().cloned().collect(),
        Err(error) => [(String::new(), format!("{error:#}"))].into(),
    };
    if state.failed.is_empty() {
        state.done = state.tried;
    }
    state.write(bak)?;
    pushed
}

fn send(
    remote: &Remote,
    exported: &Exported,
    bak: &Path,
    state: &mut RemoteState,
) -> Result<Pushed> {
    let mut pushed = Pushed::default();
    let tips = remote.tips()?;
    let there = |day: &Day| tips.iter().find(|(of, _)| of == day).map(|(_, id)| id.as_str());
    // What is gone elsewhere is not there, whatever was sent.
    state.sent.retain(|sent, _| tips.iter().any(|(day, _)| key(day) == *sent));
    let mut days: Vec<(&Day, &String)> = exported.made.iter().collect();
    days.sort_by(|one, other| other.0.1.cmp(&one.0.1));
    for (day, id) in days {
        let tip = there(day);
        if tip != Some(id) {
            let sent = state.sent.get(&key(day)).filter(|sent| tip == Some(sent));
            let lease = sent.filter(|_| !exported.partial.contains(day)).map(String::as_str);
            if let Some(why) = one(remote, day, id, lease.or(tip.is_none().then_some("")))? {
                pushed.failed.push((key(day), why));
                continue;
            }
            pushed.sent += 1;
        }
        state.sent.insert(key(day), id.clone());
        state.write(bak)?;
    }
    for day in exported.gone.difference(&exported.partial) {
        let Some(tip) = there(day).filter(|tip| *tip != exported.nothing) else { continue };
        // Where a branch can't be deleted (it may be the one that a host shows first), nothing takes its place.
        let refused = match one(remote, day, "", Some(tip))? {
            Some(_) => one(remote, day, &exported.nothing, Some(tip))?,
            None => None,
        };
        match refused {
            None => pushed.deleted += 1,
            Some(why) => pushed.failed.push((key(day), why)),
        }
        state.sent.remove(&key(day));
    }
    Ok(pushed)
}

/// Has the branch of a day be `id`, or be gone: a continuation of what is there, else only if that is the `lease`. Why
/// it was refused, if it was.
fn one(remote: &Remote, day: &Day, id: &str, lease: Option<&str>) -> Result<Option<String>> {
    let branch = branch(day);
    let spec = format!("{id}:{branch}");
    let lease = lease.map(|tip| format!("--force-with-lease={branch}:{tip}"));
    let mut args = vec!["push", "--quiet", "--porcelain", "--no-verify"];
    args.extend(lease.as_deref());
    args.extend(["bak", &spec]);
    let response = remote.ask(&args, "")?;
    if response.is_success {
        return Ok(None);
    }
    let reason = response.reason();
    let is_other = ["fetch first", "non-fast-forward", "stale info"];
    let is_other = is_other.iter().any(|word| reason.contains(word));
    let text = "what is there was not sent from here, or is more than is left here";
    Ok(Some(if is_other { text.to_owned() } else { reason }))
}
