//! How the user's Git reaches other places: settings that are copied into a file for Git in the vault, which reads no
//! others.

use anyhow::Result;

use super::matching;
use crate::git::command::Git;
use crate::model::settings::ConfigEntry;

const KEYS: &str =
    r"^((credential|http|https|url|ssh|protocol|safe)\.|core\.(sshcommand|gitproxy)$)";

/// Those that are set, in the order in which later ones win.
pub fn read(git: &Git) -> Result<Vec<ConfigEntry>> {
    matching(git, KEYS)
}

/// The entries as the text of a settings file.
pub fn to_text(entries: &[ConfigEntry]) -> Vec<u8> {
    let mut text = Vec::new();
    for ConfigEntry { key, value, .. } in entries {
        let dot = |at: Option<usize>| at.unwrap_or(key.len());
        let first = dot(key.iter().position(|&byte| byte == b'.'));
        let last = dot(key.iter().rposition(|&byte| byte == b'.'));
        text.push(b'[');
        text.extend(&key[..first]);
        if first < last {
            text.push(b' ');
            text.extend(quoted(&key[first + 1..last]));
        }
        text.extend(b"]\n\t");
        text.extend(key.get(last + 1..).unwrap_or_default());
        if let Some(value) = value {
            text.extend(b" = ");
            text.extend(quoted(value));
        }
        text.push(b'\n');
    }
    text
}

/// A value between quotes (git-config(1), "Syntax").
pub fn quoted(value: &[u8]) -> Vec<u8> {
    let mut text = vec![b'"'];
    for &byte in value {
        match byte {
            b'\n' => text.extend(b"\\n"),
            b'"' | b'\\' => text.extend([b'\\', byte]),
            _ => text.push(byte),
        }
    }
    text.push(b'"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_reads_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("user").display().to_string();
        let entry = |key: &str, value: Option<&str>| ConfigEntry {
            key: key.into(),
            value: value.map(Into::into),
            origin: String::new(),
        };
        let entries = [
            entry("http.proxy", Some("a \"b\" \\c ;#\nd ")),
            entry("url.ssh://x.y/\"\\.insteadof", Some("x:")),
            entry("credential.helper", Some("")),
            entry("http.sslverify", None),
        ];
        std::fs::write(&file, to_text(&entries)).unwrap();
        let args = ["config", "-z", "--file", &file, "--list"];
        let read = Git::new(folder.path()).output(args).unwrap();
        let wanted = "http.proxy\na \"b\" \\c ;#\nd \0url.ssh://x.y/\"\\.insteadof\nx:\0credential.helper\n\0http.sslverify\0";
        assert_eq!(String::from_utf8(read).unwrap(), wanted);
    }
}
