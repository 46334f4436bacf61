//! Git's own settings of a repository as the files that they are, and the rules by which it ignores.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;

use crate::backups::Store;
use crate::git::config;
use crate::model::settings::ConfigEntry;
use crate::model::surroundings::Surroundings;
use crate::os::platform::{bytes_of, path_from_bytes};

/// The files with their bytes, of those that are there.
type SettingsFiles = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Each of them; `entries` is what Git reads there.
pub(super) fn read(store: &Store, entries: &[ConfigEntry]) -> SettingsFiles {
    let files = own_settings(store).into_iter().chain(excludes_file(store, entries));
    let read = |file: PathBuf| (bytes_of(file.as_os_str()), std::fs::read(&file).ok());
    files.map(read).collect()
}

/// What tells whether any of them has changed.
pub(super) fn digest(store: &Store, files: &SettingsFiles) -> Result<Vec<u8>> {
    let mut texts = Vec::new();
    for (file, text) in files {
        let text = text.as_deref().unwrap_or_default();
        texts.extend([file, &b"\0"[..], text.len().to_string().as_bytes(), b"\0", text].concat());
    }
    Ok(store.objects.hash(&texts)?.to_string().into_bytes())
}

fn own_settings(store: &Store) -> [PathBuf; 5] {
    let (common, own) = (&store.repository.common_dir, &store.repository.git_dir);
    let [config, exclude, attributes] =
        ["config", "info/exclude", "info/attributes"].map(|name| common.join(name));
    let [sparse, worktree] = ["info/sparse-checkout", "config.worktree"].map(|name| own.join(name));
    [config, exclude, attributes, sparse, worktree]
}

/// The rules by which Git ignored files then, besides those in the working tree; what comes first counts least.
pub(super) fn rules<'a>(store: &Store, was: &'a Surroundings) -> [&'a [u8]; 2] {
    let own = own_settings(store).map(|file| bytes_of(file.as_os_str()));
    let text = |text: &'a Option<Vec<u8>>| text.as_deref().unwrap_or_default();
    let users = was.settings.iter().find(|(file, _)| !own.contains(file));
    let info = was.settings.get(&own[1]);
    [users.map_or(&[], |(_, it)| text(it)), info.map_or(&[], text)]
}

/// The file that `core.excludesFile` names, or Git's own choice.
fn excludes_file(store: &Store, entries: &[ConfigEntry]) -> Option<PathBuf> {
    let named = entries.iter().rfind(|it| it.key == config::EXCLUDES_FILE);
    let named = named.map(|it| it.value.clone().unwrap_or_default()).map(|named| {
        // `~`, `%(prefix)` and `:(optional)` are for Git to read.
        let args = ["config", "-z", "--type=path", "--get", "core.excludesFile"];
        let asked = matches!(named[..], [b'~' | b'%' | b':', ..]);
        let asked = asked.then(|| store.repository.git().output(args).ok()).flatten();
        asked.map_or(named, |it| it.strip_suffix(b"\0").unwrap_or(&it).to_vec())
    });
    if let Some(named) = named {
        return Some(store.repository.top.join(path_from_bytes(&named)));
    }
    let config = std::env::var_os("XDG_CONFIG_HOME").filter(|it| !it.is_empty()).map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".config"));
    Some(config.or_else(home)?.join("git/ignore"))
}
