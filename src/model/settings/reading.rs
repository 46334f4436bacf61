//! Reading values of the configuration: the last of a key, or all of them, and what is wrong with any.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use super::age::{Age, Expiry};
use super::config_entry::{ConfigEntry, SettingProblem};
use super::git_value::{parse_bool, parse_integer};
use super::remote_url::RemoteUrl;
use super::size::Size;

/// The entries, and the problems found so far.
#[derive(Default)]
pub(super) struct EntryReader<'a> {
    entries: &'a [ConfigEntry],
    problems: Vec<SettingProblem>,
    /// The keys that were asked for, in lower case.
    known: RefCell<HashSet<Vec<u8>>>,
}

impl<'a> EntryReader<'a> {
    pub(super) fn of(entries: &'a [ConfigEntry]) -> Self {
        Self { entries, ..Self::default() }
    }

    /// All problems, those keys of ours among them that are no setting: a misspelt one would be thought to hold.
    pub(super) fn finish(mut self) -> Vec<SettingProblem> {
        let known = self.known.take();
        let ours = self.entries.iter().filter(|entry| entry.key.starts_with(b"bak."));
        for entry in ours.filter(|entry| !known.contains(&entry.key)) {
            self.problem(&String::from_utf8_lossy(&entry.key), entry, "", "");
        }
        self.problems
    }

    /// All entries of a key, the last one counting most.
    pub(super) fn all(
        &self,
        key: &str,
    ) -> impl DoubleEndedIterator<Item = &'a ConfigEntry> + use<'a> {
        let key = key.to_ascii_lowercase().into_bytes();
        self.known.borrow_mut().insert(key.clone());
        self.entries.iter().filter(move |entry| entry.key == key)
    }

    pub(super) fn filters(&self) -> Vec<Vec<u8>> {
        let driver = |entry: &ConfigEntry| {
            let name = entry.key.strip_prefix(b"filter.")?;
            let name = name.strip_suffix(b".clean").or_else(|| name.strip_suffix(b".process"))?;
            let is_set = entry.value.as_ref().is_some_and(|value| !value.is_empty());
            let has_store = matches!(name, b"lfs" | b"annex");
            (is_set && !has_store).then(|| name.to_vec())
        };
        let mut names: Vec<Vec<u8>> = self.entries.iter().filter_map(driver).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Reads the last value of a key with `parse`, which gets `None` for a key without a value.
    /// Where there is no entry, or `parse` gives nothing, the default is used; it says how to
    /// print that.
    fn last<T>(
        &mut self,
        key: &str,
        default: (T, impl fmt::Display),
        expected: &str,
        parse: impl FnOnce(Option<&str>) -> Option<T>,
    ) -> T {
        let Some(entry) = self.all(key).next_back() else {
            return default.0;
        };
        let parsed = match entry.value.as_deref().map(str::from_utf8) {
            None => parse(None),
            Some(Ok(text)) => parse(Some(text)),
            Some(Err(_)) => None,
        };
        parsed.unwrap_or_else(|| {
            self.problem(key, entry, expected, &default.1.to_string());
            default.0
        })
    }

    fn problem(&mut self, key: &str, entry: &ConfigEntry, expected: &str, default: &str) {
        let value = entry.value.as_deref().unwrap_or_default();
        let mut shown = String::from_utf8_lossy(value);
        if key == "bak.remote" {
            // What is no URL may have had a password in it all the same.
            shown = shown.rsplit('@').next().unwrap_or_default().to_owned().into();
        }
        self.problems.push(SettingProblem {
            key: key.to_owned(),
            value: shown.into_owned(),
            origin: entry.origin.clone(),
            expected: expected.to_owned(),
            default: default.to_owned(),
        });
    }

    pub(super) fn bool(&mut self, key: &str, default: bool) -> bool {
        self.last(key, (default, default), "true or false", parse_bool)
    }

    /// A command line for the shell; an empty one is none.
    pub(super) fn command(&mut self, key: &str) -> Option<String> {
        self.last(key, (None, "none"), "a command", |text| Some(Some(text?.to_owned())))
            .filter(|line| !line.trim().is_empty())
    }

    pub(super) fn count(&mut self, key: &str, default: usize) -> usize {
        let expected = "a whole number, 0 for no limit";
        self.last(key, (default, default), expected, |text| {
            usize::try_from(parse_integer(text?)?).ok()
        })
    }

    pub(super) fn word<T: FromStr + fmt::Display + Copy>(
        &mut self,
        key: &str,
        default: T,
        words: &[&str],
    ) -> T {
        let expected = format!("one of {}", words.join(", "));
        self.last(key, (default, default), &expected, |text| text?.parse().ok())
    }

    pub(super) fn expiry(&mut self, key: &str, default: Expiry) -> Expiry {
        let expected = "a length of time such as 14.days, or never";
        self.last(key, (default, default), expected, |text| text?.parse().ok())
    }

    pub(super) fn age(&mut self, key: &str, default: Age) -> Age {
        self.last(key, (default, default), "a length of time such as 15.minutes", |text| {
            text?.parse().ok()
        })
    }

    /// An empty one is none: what a wider scope sets can be taken back.
    pub(super) fn remote(&mut self) -> Option<RemoteUrl> {
        let expected = "a URL or a folder's path";
        self.last("bak.remote", (None, "none"), expected, |text| match text? {
            "" => Some(None),
            url => url.parse().ok().map(Some),
        })
    }

    pub(super) fn max_age(&mut self, default: Option<Age>) -> Option<Age> {
        let default = default.map_or(Expiry::Never, Expiry::After);
        self.expiry("bak.maxAge", default).age()
    }

    pub(super) fn size(&mut self, key: &str, default: Option<Size>) -> Option<Size> {
        let default = default.unwrap_or(Size::from_bytes(0));
        let expected = "a size such as 32m, 0 for no limit";
        let size = self.last(key, (default, default), expected, |text| text?.parse().ok());
        (size.bytes() > 0).then_some(size)
    }

    pub(super) fn max_files(&mut self, default: Option<usize>) -> Option<usize> {
        let files = self.count("bak.maxFiles", default.unwrap_or(0));
        (files > 0).then_some(files)
    }

    /// All values together. An empty one drops those before it, as with Git's own settings of
    /// several values; to Git an empty pathspec is an error anyway.
    pub(super) fn pathspecs(&mut self, key: &str) -> Vec<Vec<u8>> {
        let mut pathspecs = Vec::new();
        for entry in self.all(key) {
            match entry.value.as_deref() {
                None => self.problem(key, entry, "a pathspec", "the other ones"),
                Some(b"") => pathspecs.clear(),
                Some(pathspec) => pathspecs.push(pathspec.to_vec()),
            }
        }
        pathspecs
    }

    /// Git goes by both keys, the deprecated one too.
    pub(super) fn sync_objects(&mut self, default: bool) -> bool {
        let expected = "a list of components";
        let listed = self.last("core.fsync", (default, "Git's default"), expected, |text| {
            Some(syncs_loose_objects(text?))
        });
        self.bool("core.fsyncObjectFiles", default) || listed
    }
}

/// Whether a list of `core.fsync` asks for loose objects to be synced.
///
/// As Git 2.47 does it, measured: a component that is named without a `-` is synced even if the
/// list takes it out again, before or after (`committed,-loose-object`); the start of a name is
/// enough; unknown names are passed over; what isn't named stays at the default, which leaves
/// loose objects out.
fn syncs_loose_objects(list: &str) -> bool {
    const NAMES: [&str; 5] = ["all", "objects", "loose-object", "committed", "added"];
    list.split(',')
        .map(|word| word.trim_start_matches([' ', '\t', '\n', '\r']))
        .filter(|word| !word.is_empty())
        .any(|word| NAMES.iter().any(|name| name.starts_with(word)))
}
