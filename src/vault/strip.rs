//! Lines without what they say of the versions to forget: ids, sizes, states, names of backups, and the output of
//! a failed step that was about them. That there was a file, and when, stays.
//!
//! The record's own notes name the versions to forget until all of them are gone: a fold that follows a killed
//! `forget` rebuilds the days without them, too.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::model::events::line::{Line, Seen, What};
use crate::record::{Raw, VersionKey, key};

/// What a note of what was forgotten says.
pub(super) const WHY: &str = "forgotten";

/// Every line begins with these, so that a search for its worktree needn't read all of it.
const FIRST: [&str; 4] = ["t", "z", "wt", "ev"];

#[derive(Debug, Default)]
pub(super) struct Stripping {
    versions: HashSet<VersionKey>,
    /// Paths and ids of which no version stays.
    pairs: HashSet<(Vec<u8>, String)>,
    /// Paths and what stands in the names of backups, likewise: lines that name no id have those, and they begin
    /// with it.
    backups: HashSet<(Vec<u8>, String)>,
    /// Files with versions to forget: the output of a step that failed with one of them may quote it.
    paths: HashSet<Vec<u8>>,
}

impl Stripping {
    /// What the notes in `lines` name.
    pub fn of<'a>(lines: impl Iterator<Item = &'a Raw> + Clone) -> Self {
        let notes = lines.clone().map(|raw| &raw.line).filter(|line| is_note(line));
        let named = notes.flat_map(|line| &line.files);
        let mut backups: HashSet<_> = named.clone().filter_map(backup).collect();
        let versions: HashSet<VersionKey> = named
            .filter_map(|seen| Some((seen.path_bytes()?, seen.id.clone()?, seen.t?)))
            .collect();
        if versions.is_empty() {
            return Self::default();
        }
        let mut pairs: HashSet<(Vec<u8>, String)> =
            versions.iter().map(|(path, id, _)| (path.clone(), id.clone())).collect();
        for raw in lines {
            for seen in raw.line.versions() {
                let Some(key) = key(&raw.line, seen) else { continue };
                if !versions.contains(&key) {
                    pairs.remove(&(key.0, key.1));
                    backup(seen).map(|backup| backups.remove(&backup));
                }
            }
        }
        let paths = versions.iter().map(|(path, ..)| path.clone()).collect();
        Self { versions, pairs, backups, paths }
    }

    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// The line without them; `None` if it says nothing of them.
    pub fn strip(&self, line: &Line, text: &[u8]) -> Option<Vec<u8>> {
        if is_note(line) {
            return without(text, line, &["id", "bak"], |seen| seen.id.is_some());
        }
        if line.what == What::Failure {
            let is_meant =
                |seen: &Seen| seen.path_bytes().is_some_and(|it| self.paths.contains(&it));
            return line.files.iter().any(is_meant).then(|| without_output(text)).flatten();
        }
        if line.output.is_some() && self.has_path(line) {
            // What was printed may quote it.
            return without_output(text);
        }
        let unsaid = line.parents.is_some().then(|| self.without_changes(line, text)).flatten();
        let fields = ["id", "git", "size", "bak", "stat"];
        let stripped =
            without(unsaid.as_deref().unwrap_or(text), line, &fields, |it| self.names(line, it));
        let text = stripped.or(unsaid)?;
        // So may an agent's command line.
        let of_agent = line.agent.is_some().then(|| without_command(&text)).flatten();
        Some(of_agent.unwrap_or(text))
    }

    /// The line of a commit without what that has, and had, of such a file: Git's objects are asked then.
    fn without_changes(&self, line: &Line, text: &[u8]) -> Option<Vec<u8>> {
        let is_meant = |seen: &Seen| seen.path_bytes().is_some_and(|it| self.paths.contains(&it));
        let text = without(text, line, &["git", "old"], is_meant)?;
        without_field(&text, "parents")
    }

    /// Whether the line is about a file with versions to forget.
    fn has_path(&self, line: &Line) -> bool {
        let mut paths = line.files.iter().filter_map(Seen::path_bytes);
        paths.any(|path| self.versions.iter().any(|(named, ..)| *named == path))
    }

    fn names(&self, line: &Line, seen: &Seen) -> bool {
        let Some(id) = seen.id.clone() else {
            return backup(seen).is_some_and(|backup| self.backups.contains(&backup));
        };
        let Some(path) = seen.path_bytes() else { return false };
        // A version is one of an instant; what else a line tells is of the content.
        match line.versions().next() {
            Some(_) => self.versions.contains(&(path, id, line.time)),
            None => self.pairs.contains(&(path, id)),
        }
    }
}

/// A file, and what stands in the name of its backup.
fn backup(seen: &Seen) -> Option<(Vec<u8>, String)> {
    Some((seen.path_bytes()?, seen.bak.clone()?))
}

pub(super) fn is_note(line: &Line) -> bool {
    line.what == What::Gone && line.why.as_deref() == Some(WHY)
}

fn without(
    text: &[u8],
    line: &Line,
    fields: &[&str],
    is_meant: impl Fn(&Seen) -> bool,
) -> Option<Vec<u8>> {
    if !line.files.iter().any(&is_meant) {
        return None;
    }
    let mut value: Map<String, Value> = serde_json::from_slice(text).ok()?;
    let files = value.get_mut("files")?.as_array_mut()?;
    for (seen, file) in line.files.iter().zip(files).filter(|(seen, _)| is_meant(seen)) {
        let file = file.as_object_mut()?;
        fields.iter().for_each(|field| drop(file.remove(*field)));
        debug_assert!(seen.path_bytes().is_some());
    }
    Some(written(value))
}

fn without_output(text: &[u8]) -> Option<Vec<u8>> {
    without_field(text, "output")
}

fn without_field(text: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut value: Map<String, Value> = serde_json::from_slice(text).ok()?;
    value.remove(name)?;
    Some(written(value))
}

fn without_command(text: &[u8]) -> Option<Vec<u8>> {
    let mut value: Map<String, Value> = serde_json::from_slice(text).ok()?;
    value.get_mut("agent")?.as_object_mut()?.remove("command")?;
    Some(written(value))
}

pub(super) fn written(mut value: Map<String, Value>) -> Vec<u8> {
    let first = FIRST.iter().filter_map(|name| value.remove_entry(*name)).collect::<Vec<_>>();
    let all = first.into_iter().chain(value);
    let fields = all.map(|(name, value)| format!("{}:{value}", Value::from(name)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(",")).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Raw {
        Raw::of("2026-01-01", None, text.as_bytes()).unwrap()
    }

    #[test]
    fn only_what_is_named_is_taken_out_and_unknown_fields_stay() {
        let note = raw(
            r#"{"t":9,"wt":"w","ev":"gone","why":"forgotten","files":[{"path":"a","id":"11","bak":"x","t":3}]}"#,
        );
        let version = raw(
            r#"{"t":3,"z":0,"wt":"w","ev":"snapshot","files":[{"path":"a","id":"11","bak":"x","y":1.5},{"path":"b","id":"11","size":3}],"later":{"k":[1]}}"#,
        );
        let cleaned = raw(
            r#"{"t":4,"wt":"w","ev":"commit","files":[{"path":"a","bak":"x","size":3},{"path":"b","bak":"x"}]}"#,
        );
        let failure =
            raw(r#"{"t":4,"wt":"w","ev":"failure","output":"it","files":[{"path":"a"}]}"#);
        let event =
            raw(r#"{"t":4,"wt":"w","ev":"cleaned","files":[{"path":"a","id":"11","bak":"x"}]}"#);
        let commit = raw(
            r#"{"t":4,"wt":"w","ev":"commit","parents":["33"],"files":[{"path":"a","git":"11","old":"22"},{"path":"b","old":"22"}]}"#,
        );
        let all = [note, version, event, cleaned, failure, commit];
        let forgetting = Stripping::of(all.iter());
        let strip = |raw: &Raw| {
            forgetting.strip(&raw.line, &raw.text).map(|text| String::from_utf8(text).unwrap())
        };
        let wanted =
            r#"{"t":9,"wt":"w","ev":"gone","files":[{"path":"a","t":3}],"why":"forgotten"}"#;
        assert_eq!(strip(&all[0]).unwrap(), wanted);
        let wanted = r#"{"t":3,"z":0,"wt":"w","ev":"snapshot","files":[{"path":"a","y":1.5},{"id":"11","path":"b","size":3}],"later":{"k":[1]}}"#;
        assert_eq!(strip(&all[1]).unwrap(), wanted);
        let wanted = r#"{"t":4,"wt":"w","ev":"cleaned","files":[{"path":"a"}]}"#;
        assert_eq!(strip(&all[2]).unwrap(), wanted);
        let wanted =
            r#"{"t":4,"wt":"w","ev":"commit","files":[{"path":"a"},{"bak":"x","path":"b"}]}"#;
        assert_eq!(strip(&all[3]).unwrap(), wanted);
        let wanted = r#"{"t":4,"wt":"w","ev":"failure","files":[{"path":"a"}]}"#;
        assert_eq!(strip(&all[4]).unwrap(), wanted);
        let wanted =
            r#"{"t":4,"wt":"w","ev":"commit","files":[{"path":"a"},{"old":"22","path":"b"}]}"#;
        assert_eq!(strip(&all[5]).unwrap(), wanted);
    }
}
