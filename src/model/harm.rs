//! Where a backup may lie, and what would come of it beside its file.
//!
//! Programs that take a folder whole take the backups in it, too: as a second server, an older setting, a file that
//! is shipped. The folder's name, or its packager's manifest, shows which those are; each list is in the
//! documentation, word for word. Where there is doubt a backup goes elsewhere: that does no harm.

use std::fmt;

use crate::model::names::repo_path::RepoPath;

/// Where backup files lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BackupPlace {
    Beside,
    /// Under `bak/files/` in the worktree's Git directory.
    GitDir,
}

/// Why a backup doesn't lie beside its file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// A `.gitignore` takes back what would ignore it.
    Unignored,
    /// It lies below a folder of this name, which programs read whole.
    ReadWhole(String),
    /// This packs all that it finds.
    Packed(&'static str),
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unignored => f.write_str("a line with ! in .gitignore would have Git see it"),
            Self::ReadWhole(folder) => write!(f, "programs read all that is in {folder}/"),
            Self::Packed(by) => write!(f, "{by} would pack it, too"),
        }
    }
}

/// Folders that are read, served or copied whole; and every one whose name ends in `.d`.
pub const READ_WHOLE: [&str; 16] = [
    "conf-enabled",
    "docroot",
    "htdocs",
    "html",
    "inv",
    "inventories",
    "inventory",
    "mods-enabled",
    "public",
    "public_html",
    "sites-enabled",
    "static",
    "web",
    "webroot",
    "www",
    "wwwroot",
];

/// The files that say who packs a folder, with those below it.
pub const MANIFESTS: [&str; 5] =
    ["package.json", "pyproject.toml", "setup.py", "setup.cfg", "Chart.yaml"];

/// The folder of Debian's packagers.
pub const DEBIAN: &str = "debian";

/// The folder above a file, if any, that is read whole.
pub fn read_whole(path: &RepoPath) -> Option<Harm> {
    let mut folders = path.parent_components();
    let found = folders.find(|name| {
        let is_drop_in = name.len() > 2 && name.ends_with(b".d");
        is_drop_in || READ_WHOLE.iter().any(|known| known.as_bytes() == *name)
    })?;
    Some(Harm::ReadWhole(String::from_utf8_lossy(found).into_owned()))
}

/// The packager of the folder in which a manifest of that name has this text: `None` where it says nothing of that,
/// `Some(None)` where backups are left out.
pub fn packager(manifest: &str, text: &[u8]) -> Option<Option<Harm>> {
    let by = match manifest {
        "package.json" => return Some((!is_private(text)).then_some(Harm::Packed("npm"))),
        "pyproject.toml" => return of_python(&String::from_utf8_lossy(text)),
        "Chart.yaml" => "helm",
        _ => "setuptools",
    };
    Some(Some(Harm::Packed(by)))
}

/// It is never published.
fn is_private(text: &[u8]) -> bool {
    let manifest = serde_json::from_slice::<serde_json::Value>(text);
    manifest.is_ok_and(|manifest| manifest["private"] == serde_json::Value::Bool(true))
}

/// What Python's build backends do with a file that Git ignores. Of one that isn't known it is said to ask Git.
fn of_python(text: &str) -> Option<Option<Harm>> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or(line));
    let of = |key: &str| lines.clone().find_map(|line| Some(line.split_once(key)?.1.to_owned()));
    let backend = match of("build-backend") {
        Some(backend) => backend,
        // Without one it is setuptools, as ever.
        None if text.contains("[build-system]") => "setuptools".to_owned(),
        None => return None,
    };
    let known = ["hatchling", "setuptools", "flit", "pdm", "uv_build"];
    Some(known.into_iter().find(|known| backend.contains(known)).map(Harm::Packed))
}

/// Whether a line of a `.gitignore` may take back what ignores a backup. Most with a `!` name something else: a folder,
/// a file, an ending that no backup has.
pub fn may_unignore(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    text.split(|&byte| byte == b'\n').any(|line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_end();
        line.strip_prefix(b"!").is_some_and(may_match)
    })
}

/// Whether a pattern may match `….bak.20251106_201045.abc12345`.
fn may_match(pattern: &[u8]) -> bool {
    // What ends in a slash is a folder.
    let Some(name) = pattern.rsplit(|&byte| byte == b'/').next().filter(|it| !it.is_empty()) else {
        return false;
    };
    let Some(wild) = name.iter().rposition(|byte| b"*?[]\\".contains(byte)) else {
        return name.windows(5).any(|part| part.eq_ignore_ascii_case(b".bak."));
    };
    let tail = &name[wild + 1..];
    let (before, id) = tail.split_at(tail.len().saturating_sub(8));
    id.iter().all(u8::is_ascii_alphanumeric) && before.last().is_none_or(|&byte| byte == b'.')
}

/// Whether a file of attributes may say anything of ours.
pub fn speaks_of_bak(attributes: &[u8]) -> bool {
    attributes.windows(3).any(|part| part == b"bak")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_known_by_its_whole_name_anywhere_above() {
        let of = |path: &str| read_whole(&RepoPath::from_bytes(path.into()).unwrap());
        for path in ["public/x", "a/sites-enabled/b/x", "etc/cron.d/x", "bashrc.d/x"] {
            assert!(of(path).is_some(), "{path}");
        }
        for path in ["public", "src/publics/x", "x.d", ".d/x", "republic/x", "Public.txt"] {
            assert_eq!(of(path), None, "{path}");
        }
    }

    #[test]
    fn the_documentation_names_every_folder_and_every_manifest() {
        let page = include_str!("../../docs/vault.md");
        for name in READ_WHOLE.iter().chain(&MANIFESTS).chain(&[DEBIAN]) {
            assert!(page.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn a_manifest_tells_who_packs() {
        let npm = |text: &str| packager("package.json", text.as_bytes());
        assert_eq!(npm(r#"{"private": true}"#), Some(None));
        for text in [r#"{"name": "p"}"#, r#"{"private": "true"}"#, "{", r#"{"private": false}"#] {
            assert_eq!(npm(text), Some(Some(Harm::Packed("npm"))), "{text}");
        }
        let python = |text: &str| packager("pyproject.toml", text.as_bytes());
        for (backend, by) in [
            ("hatchling.build", "hatchling"),
            ("setuptools.build_meta", "setuptools"),
            ("flit_core.buildapi", "flit"),
            ("pdm.backend", "pdm"),
            ("uv_build", "uv_build"),
        ] {
            let text = format!("[build-system]\nrequires=[]\nbuild-backend = \"{backend}\"\n");
            assert_eq!(python(&text), Some(Some(Harm::Packed(by))), "{backend}");
        }
        let poetry = "[build-system]\nbuild-backend = \"poetry.core.masonry.api\" # setuptools\n";
        assert_eq!(python(poetry), Some(None));
        let old = "[build-system]\nrequires = [\"setuptools\"]\n";
        assert_eq!(python(old), Some(Some(Harm::Packed("setuptools"))));
        assert_eq!(python("[tool.ruff]\n"), None, "no package");
    }

    #[test]
    fn only_a_line_that_may_mean_a_backup_counts() {
        for text in [
            "!*",
            "*\n!*.*",
            "!/src/**",
            "!*.bak.*",
            "!?*.*[0-9]",
            "!*.abc12345",
            "!*d",
            "\u{feff}!*",
            "!x\\ ",
            "!*\r\n",
            "!a.bak.20251106_201045.abc12345",
        ] {
            assert!(may_unignore(text.as_bytes()), "{text}");
        }
        for text in ["", "*\n!*/", "!.gitkeep", "!d", "!*.md", "!a/b.c\n", "# !*", "\\!*", "!lib/"]
        {
            assert!(!may_unignore(text.as_bytes()), "{text}");
        }
    }
}
