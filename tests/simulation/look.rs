//! What there is after a run: by plain Git and plain reading, nothing of git-bak's own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Seek, Write};
use std::path::Path;

use git2::{ObjectFormat, ObjectType, Oid};
use serde_json::Value;

use super::calls::normal;
use super::invariants::Expected;

impl Expected {
    /// All that there is, without what tells of processes and of when a file was written.
    pub fn state(&self) -> u64 {
        let mut hash = DefaultHasher::new();
        self.scene.of_git().hash(&mut hash);
        let mut folders = vec![self.top().to_owned()];
        while let Some(folder) = folders.pop() {
            let mut entries: Vec<_> =
                fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
            entries.sort();
            for path in entries {
                normal(path.strip_prefix(self.top()).unwrap().to_str().unwrap()).hash(&mut hash);
                if path.is_dir() {
                    folders.push(path);
                } else if path.parent().unwrap().ends_with("bak/record") {
                    let lines = self.lines().unwrap_or_default();
                    lines.into_iter().for_each(|line| without_process(line).hash(&mut hash));
                } else if !path.ends_with(".git/index") {
                    fs::read(&path).unwrap_or_default().hash(&mut hash);
                }
            }
        }
        hash.finish()
    }

    /// The lines of the record, each of which must make sense.
    pub fn lines(&self) -> Result<Vec<Value>, String> {
        let mut lines = Vec::new();
        for day in fs::read_dir(self.top().join(".git/bak/record")).into_iter().flatten() {
            let day = day.unwrap().path();
            if day.extension().is_some()
                || day.file_name().unwrap().to_string_lossy().starts_with('.')
            {
                continue;
            }
            let text = fs::read(&day).unwrap();
            let end = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            for line in text[..end].split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
                let torn = |_| format!("a torn line: {:?}", String::from_utf8_lossy(line));
                lines.push(serde_json::from_slice(line).map_err(torn)?);
            }
        }
        Ok(lines)
    }

    /// The bytes of these blobs that `new/` or the vault has, by plain Git.
    pub fn contents(&self, ids: &BTreeSet<String>) -> Result<BTreeMap<String, Vec<u8>>, String> {
        let mut asked = tempfile::tempfile().unwrap();
        ids.iter().for_each(|id| writeln!(asked, "{id}").unwrap());
        asked.rewind().unwrap();
        let mut command = self.scene.s.command("git");
        command.args(["cat-file", "--batch"]).stdin(asked);
        command.env("GIT_OBJECT_DIRECTORY", ".git/bak/new");
        command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", ".git/bak/vault.git/objects");
        let answer = command.output().unwrap().stdout;
        let (mut rest, mut found) = (answer.as_slice(), BTreeMap::new());
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            rest = &rest[end + 1..];
            let words: Vec<&str> = head.split(' ').collect();
            if let [id, "blob", size] = words[..] {
                let size: usize = size.parse().unwrap();
                let bytes = rest.get(..size).ok_or_else(|| format!("{id} is cut short"))?;
                found.insert(id.to_owned(), bytes.to_vec());
                rest = &rest[size + 1..];
            }
        }
        Ok(found)
    }

    pub fn git(&self, words: &[&str]) -> Result<String, String> {
        let ran = self.scene.s.try_git(words);
        if ran.status == 0 { Ok(ran.stdout) } else { Err(format!("git {words:?}: {ran:#?}")) }
    }

    pub fn top(&self) -> &Path {
        self.scene.s.top()
    }

    pub fn names(&self) -> Vec<String> {
        names_in(self.top())
    }
}

/// A line without what is another in every run.
fn without_process(mut line: Value) -> String {
    if let Some(line) = line.as_object_mut() {
        line.retain(|key, _| !["pid", "started", "attempt"].contains(&key.as_str()));
    }
    for file in line["files"].as_array_mut().into_iter().flatten() {
        file.as_object_mut().unwrap().remove("stat");
    }
    line.to_string()
}

pub fn id_of(bytes: &[u8]) -> String {
    Oid::hash_object_ext(ObjectType::Blob, bytes, ObjectFormat::Sha1).unwrap().to_string()
}

pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// Those of Git, which a Git that was killed leaves for its user to remove.
pub fn take_away_locks(git_dir: &Path) {
    for entry in fs::read_dir(git_dir).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_some_and(|it| it == "lock") {
            fs::remove_file(entry).unwrap();
        } else if entry.is_dir() && !entry.ends_with("bak") && !entry.ends_with("objects") {
            take_away_locks(&entry);
        }
    }
}
