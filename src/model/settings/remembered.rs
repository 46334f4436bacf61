//! The settings as Git read them, and what they were read from: as long as that is the same, so are they.

use anyhow::{Result, bail};

use super::config_entry::ConfigEntry;
use crate::model::fields::{Fields, Reader};

const FORMAT: &str = "git-bak settings 3";

/// A file that the settings may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigSource {
    pub path: Vec<u8>,
    /// Its state when it was read, in words that any write to it changes; empty if it wasn't there.
    pub state: String,
}

/// The settings of one working tree, as Git read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// What else they depend on: variables of the environment, the user.
    pub surroundings: String,
    /// Every file that they come from, and those that they would come from if they were there.
    pub sources: Vec<ConfigSource>,
    /// The settings; `None` if this Git doesn't say where it reads them from, and has to be asked each
    /// time.
    pub entries: Option<Vec<ConfigEntry>>,
}

impl Remembered {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Fields::default();
        out.push(FORMAT);
        out.push("surroundings").push(&self.surroundings);
        for source in &self.sources {
            out.push("source").bytes(&source.path).push(&source.state);
        }
        match &self.entries {
            None => drop(out.push("unknown")),
            Some(entries) => entries.iter().for_each(|entry| entry.write_to(&mut out)),
        }
        // A file that was cut short is no file.
        out.push("end");
        out.into_bytes()
    }

    /// Reads what `to_bytes` wrote.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Reader::of(bytes);
        if fields.text()? != FORMAT {
            bail!("not settings that this version can read");
        }
        let mut read =
            Self { surroundings: String::new(), sources: Vec::new(), entries: Some(Vec::new()) };
        loop {
            match fields.bytes()? {
                b"surroundings" => read.surroundings = fields.text()?,
                b"source" => {
                    let path = fields.bytes()?.to_vec();
                    read.sources.push(ConfigSource { path, state: fields.text()? });
                }
                tag @ (b"setting" | b"flag") => {
                    let entry = ConfigEntry::read_from(tag, &mut fields)?;
                    read.entries.get_or_insert_default().push(entry);
                }
                b"unknown" => read.entries = None,
                b"end" => return Ok(read),
                _ => bail!("settings with an unknown record"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(entries: Option<Vec<ConfigEntry>>) -> Remembered {
        Remembered {
            surroundings: "HOME=\"/home/a\"".into(),
            sources: vec![
                ConfigSource { path: b"/etc/git\nconfig\xff".to_vec(), state: String::new() },
                ConfigSource { path: b".git/config".to_vec(), state: "1 2 3".into() },
            ],
            entries,
        }
    }

    #[test]
    fn settings_come_back_as_they_were_written() {
        let entries = vec![
            ConfigEntry { key: b"bak.vault".to_vec(), value: None, origin: "file:x".into() },
            ConfigEntry { key: b"bak.scope".to_vec(), value: Some(vec![]), origin: "y".into() },
        ];
        for entries in [Some(entries), Some(Vec::new()), None] {
            let remembered = remembered(entries);
            assert_eq!(Remembered::parse(&remembered.to_bytes()).unwrap(), remembered);
        }
    }

    #[test]
    fn what_was_cut_short_is_not_read() {
        let bytes = remembered(Some(Vec::new())).to_bytes();
        for length in 0..bytes.len() - 1 {
            assert!(Remembered::parse(&bytes[..length]).is_err(), "{length}");
        }
        assert!(Remembered::parse(b"git-bak settings 4\0end\0").is_err());
        assert!(Remembered::parse(b"git-bak settings 3\0strange\0end\0").is_err());
    }
}
