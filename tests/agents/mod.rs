//! Coding agents: what `hook agent` keeps before a step, and getting it into an agent's settings and out again.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::scratch::{BAK, Ran, Scratch};

mod hook;
#[cfg(unix)]
mod sessions;
#[cfg(unix)]
mod settings;

/// Starts the hook in `folder` with these bytes on standard input; it must be silent and end with 0.
fn feed_in(s: &Scratch, folder: &Path, name: &str, bytes: &[u8]) {
    let file = s.root().join("event");
    fs::write(&file, bytes).unwrap();
    let mut command = s.command(BAK);
    command.current_dir(folder).args(["hook", "agent", name]);
    let ran = Ran::of(&command.stdin(fs::File::open(file).unwrap()).output().unwrap());
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
}

fn feed(s: &Scratch, name: &str, event: &Value) {
    feed_in(s, s.top(), name, event.to_string().as_bytes());
}

/// Claude Code's event before a command.
fn bash(s: &Scratch, command: &str) -> Value {
    json!({"session_id": "0a1b", "transcript_path": "/t", "cwd": s.top(), "permission_mode": "default",
        "hook_event_name": "PreToolUse", "tool_name": "Bash",
        "tool_input": {"command": command, "description": "x"}, "tool_use_id": "toolu_1"})
}

/// Claude Code's event before an edit.
fn edit(s: &Scratch, file: impl AsRef<Path>) -> Value {
    json!({"session_id": "0a1b", "cwd": s.top(), "tool_name": "Edit",
        "tool_input": {"file_path": file.as_ref(), "old_string": "a", "new_string": "b"}})
}

/// The causes of all snapshots that agents were the reason for.
fn causes(s: &Scratch) -> Vec<String> {
    let lines = s.record().into_iter();
    let causes = lines.filter_map(|line| line["cause"].as_str().map(str::to_owned));
    causes.filter(|cause| cause.starts_with("agent")).collect()
}
