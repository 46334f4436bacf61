//! The documents that `--json` prints: fields that scripts may rely on, none of which changes its name.

use chrono::TimeZone;
use serde_json::{Value, json};

use super::doctor::Finding;
use super::log;
use super::report::{Overview, Row, moment};
use crate::backups::records::LastAttempt;
use crate::backups::versions::work::WorkFate;
use crate::model::events::event::Event;
use crate::model::events::journal;
use crate::model::events::journal::JournalEntry;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::model::now::Now;
use crate::model::transaction::State;
use crate::os::platform::bytes_of;
use crate::os::zone;
use crate::snapshot::unprotected::Reason;
use crate::transaction::moments::{TakenFile, TakenMoment};

/// The document of `list --json`.
pub fn list_json(rows: &[Row], now: &Now) -> String {
    let backups: Vec<Value> = rows.iter().map(|row| backup_json(row, now)).collect();
    document(&json!({ "version": 1, "backups": backups }))
}

fn backup_json(row: &Row, now: &Now) -> Value {
    let version = &row.version;
    let state = match &row.fate {
        Some(WorkFate::Open) => Some("uncommitted"),
        Some(WorkFate::Committed(_) | WorkFate::Gits) => Some("committed"),
        Some(WorkFate::Draft(_)) => Some("draft"),
        Some(WorkFate::Stashed(_)) => Some("stashed"),
        None => None,
    };
    let mut value = json!({
        "path": version.path.as_bytes().to_str(),
        "number": version.number,
        "backup": version.backup.as_ref().map(|backup| backup.location().as_bytes().to_str()),
        "file": version.backup.as_ref().map(|backup| bytes_of(backup.file().as_os_str()).to_str()),
        "artifact": version.artifact.map(|id| id.to_string()),
        "time": rfc3339(version.time, now),
        "size": version.size,
        "kind": version.kind().map(|kind| kind.to_string()),
        "label": version.known.label,
        "vault": version.in_vault,
        "worktree": version.other_worktree,
        "state": state,
        "commit": row.commit(),
    });
    add_path_bytes(&mut value, &version.path);
    value
}

/// The document of `log --json`.
pub fn log_json(events: &[Event]) -> String {
    let events: Vec<Value> = events.iter().map(event_json).collect();
    document(&json!({ "version": 1, "events": events }))
}

fn event_json(event: &Event) -> Value {
    let place = event.path.as_bytes().to_str();
    let location = event.shown_backup();
    let mut value = json!({
        "time": log::time(event),
        "event": event.what.to_string(),
        "path": &place,
        "backup": location.map(|location| location.to_str()),
        "artifact": Some(log::artifact(event)).filter(|artifact| artifact != "-"),
        "size": event.size,
        "kind": event.kind.map(|kind| kind.to_string()),
        "label": event.label,
        "commit": event.commit,
    });
    add_path_bytes(&mut value, &event.path);
    value
}

/// The document of `undo --list --json`.
pub fn moments_json(moments: &[TakenMoment<'_>]) -> String {
    let moments: Vec<Value> = moments.iter().map(moment_json).collect();
    document(&json!({ "version": 1, "moments": moments }))
}

fn moment_json(it: &TakenMoment<'_>) -> Value {
    let id = |state: &State| match state {
        State::File { blob, .. } => Some(blob.clone()),
        _ => None,
    };
    let file = |file: &TakenFile| {
        let mut value = json!({
            "path": file.path.as_bytes().to_str(),
            "before": id(&file.before),
            "after": file.after.as_ref().and_then(id),
        });
        add_path_bytes(&mut value, &file.path);
        value
    };
    json!({
        "moment": it.id(),
        "time": moment((it.line.time, it.line.zone)).map(|time| time.to_rfc3339()),
        "command": it.command(),
        "head": it.line.head,
        "branch": it.line.branch,
        "undone": it.is_undone,
        "undoes": it.line.undoes,
        "agent": it.agent.map(|note| &note.name),
        "session": it.agent.map(|note| &note.session),
        "tool": it.agent.map(|note| &note.tool),
        "files": it.files.iter().map(file).collect::<Vec<_>>(),
    })
}

/// The document of `journal --json`: one entry for each failure, newest first.
pub fn journal_json(entries: &[JournalEntry]) -> String {
    let failures: Vec<Value> = entries.iter().map(failure_json).collect();
    document(&json!({ "version": 1, "failures": failures }))
}

fn failure_json(entry: &JournalEntry) -> Value {
    let failure = &entry.failure;
    let mut value = json!({
        "time": moment((failure.time, failure.offset)).map(|time| time.to_rfc3339()),
        "kind": failure.tried.to_string(),
        "step": failure.step,
        "status": failure.status,
        "files": failure.files.iter().map(|path| path.as_bytes().to_str()).collect::<Vec<_>>(),
        "output": journal::text(&failure.output),
        "ended_by": entry.end.as_ref().map(|end| &end.commit),
    });
    if failure.files.iter().any(|path| std::str::from_utf8(path.as_bytes()).is_err()) {
        let bytes = failure.files.iter().map(|path| base64(path.as_bytes()));
        value["files_bytes"] = bytes.collect::<Vec<_>>().into();
    }
    value
}

/// The document of `doctor --json`.
pub fn doctor_json(findings: &[Finding]) -> String {
    let findings: Vec<Value> = findings.iter().map(finding_json).collect();
    document(&json!({ "version": 1, "findings": findings }))
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "check": finding.check,
        "ok": finding.ok,
        "message": finding.message,
        "remedy": finding.remedy,
    })
}

/// The document of `status --json`.
pub fn status_json(overview: &Overview) -> String {
    let files: Vec<Value> = overview
        .files
        .iter()
        .map(|(path, of_file)| {
            let mut value = json!({
                "path": path.as_bytes().to_str(),
                "backups": of_file.backups,
                "bytes": of_file.bytes,
            });
            add_path_bytes(&mut value, path);
            value
        })
        .collect();
    let attempt = match &overview.attempt {
        Some((attempt, true)) => attempt_json("open", attempt),
        Some((attempt, false)) if attempt.failed => attempt_json("failed", attempt),
        _ => json!({ "state": "none", "time": null, "step": null }),
    };
    let uncommitted = overview.uncommitted.as_ref().ok().map(|found| {
        let unprotected: Vec<Value> = found.unprotected.iter().map(unprotected_json).collect();
        json!({ "backed_up": found.held, "unprotected": unprotected })
    });
    document(&json!({
        "version": 1,
        "backups": overview.files.values().map(|of_file| of_file.backups).sum::<usize>(),
        "bytes": overview.files.values().map(|of_file| of_file.bytes).sum::<u64>(),
        "files": files,
        "stuck": overview.stuck,
        "vault": { "snapshots": overview.snapshots, "files": overview.in_vault },
        "attempt": attempt,
        "uncommitted": uncommitted,
        "remote": overview.remote.as_ref().map(|(url, state)| json!({
            "url": url.to_string(),
            "pushed": state.done.and_then(|done| moment((done, 0))).map(|time| time.to_rfc3339()),
            "failed": state.failed,
        })),
    }))
}

fn unprotected_json((path, reason): (&RepoPath, &Reason)) -> Value {
    let why = match reason {
        Reason::Edited => "edited",
        Reason::Staged => "staged",
        Reason::Untracked => "untracked",
        Reason::Excluded => "bak.exclude",
        Reason::LeftOut => "-bak",
        Reason::TooBig(_) => "bak.maxFileSize",
    };
    let mut value = json!({ "path": path.as_bytes().to_str(), "why": why });
    add_path_bytes(&mut value, path);
    value
}

fn attempt_json(state: &str, attempt: &LastAttempt) -> Value {
    let time = moment(attempt.began).map(|time| time.to_rfc3339());
    json!({ "state": state, "time": time, "step": attempt.step })
}

/// The document's text. JSON itself escapes what a terminal obeys up to U+001F alone.
fn document(value: &Value) -> String {
    let text = format!("{value:#}\n");
    let is_obeyed = |character: char| character.is_control() && character != '\n';
    if !text.contains(is_obeyed) {
        return text;
    }
    let escaped = |character: char| match character {
        _ if is_obeyed(character) => format!("\\u{:04x}", u32::from(character)),
        _ => character.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// A path that is not UTF-8 is shown with replacements and given exactly in base64.
fn add_path_bytes(value: &mut Value, path: &RepoPath) {
    if std::str::from_utf8(path.as_bytes()).is_err() {
        value["path_bytes"] = Value::from(base64(path.as_bytes()));
    }
}

trait ToStr {
    fn to_str(&self) -> String;
}

impl ToStr for [u8] {
    fn to_str(&self) -> String {
        String::from_utf8_lossy(self).into_owned()
    }
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte));
        let group = group << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let used = digit <= chunk.len();
            let at = (group >> (18 - 6 * digit)) as usize & 63;
            text.push(if used { char::from(DIGITS[at]) } else { '=' });
        }
    }
    text
}

/// A backup's time with the offset that local time has at that moment.
fn rfc3339(time: Timestamp, now: &Now) -> String {
    let offset = zone::offset_at(time.naive(), now);
    let there = offset.from_local_datetime(&time.naive()).single();
    there.map_or_else(|| time.to_string(), |time| time.to_rfc3339())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_document_is_obeyed_by_a_terminal() {
        let text = "a\u{1b}[m\u{7f}\u{9b}2J\né";
        let document = document(&json!({ "name": text }));
        assert!(!document.contains(|it: char| it.is_control() && it != '\n'), "{document:?}");
        let read: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(read["name"], text);
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
