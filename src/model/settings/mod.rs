//! Every `bak.*` setting, typed, with its default (docs/reference.md, "Settings").
//!
//! - `reading`: from values to a setting; `config_entry`, `git_value`: one value of Git's configuration;
//! - `age`, `size`, `choices`, `remote_url`, `encrypting`, `sharing`: the types of their values;
//! - `remembered`: settings as a hook left them for the next.
//!
//! Reading never fails: a value that can't be read is a [`SettingProblem`], and the default stands
//! in for it. The default, and not an earlier value of the same key, since Git too would look at
//! the last one only.

pub mod age;
pub mod choices;
pub mod config_entry;
pub mod encrypting;
pub mod git_value;
mod reading;
pub mod remembered;
pub mod remote_url;
pub mod sharing;
pub mod size;

use crate::model::settings::age::{Age, Expiry};
pub use crate::model::settings::choices::{Cleanup, Location, OnError, Scope, Verbosity};
pub use crate::model::settings::config_entry::{ConfigEntry, SettingProblem};
use crate::model::settings::encrypting::encrypts;
use crate::model::settings::reading::EntryReader;
use crate::model::settings::remote_url::RemoteUrl;
use crate::model::settings::size::Size;

/// Every setting that git-bak goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `bak.enabled`: whether the hooks do anything.
    pub enabled: bool,
    /// `bak.maxBackups`: backups kept on disk of each file; 0 is no limit.
    pub max_backups: usize,
    /// `bak.maxAge`: older backups are retired too; `None` is no limit.
    pub max_age: Option<Age>,
    /// `bak.scope`: which files pre-commit backs up.
    pub scope: Scope,
    /// `bak.cleanup`: which backups post-commit unlinks.
    pub cleanup: Cleanup,
    /// `bak.vault`: whether snapshots go into the vault.
    pub vault: bool,
    /// `bak.vaultExpire`: how long they stay there.
    pub vault_expire: Expiry,
    /// `bak.vaultMaxSize`: the oldest leave the vault where it takes more; `None` is no limit.
    pub vault_max_size: Option<Size>,
    /// `bak.recordExpire`: how long the record tells what happened.
    pub record_expire: Expiry,
    /// `bak.remote`: where a copy of the vault goes, if anywhere.
    pub remote: Option<RemoteUrl>,
    /// `bak.remoteInterval`: how long at least lies between two copies.
    pub remote_interval: Age,
    /// `bak.location`: where backup files are written.
    pub location: Location,
    /// `bak.maxFileSize`: larger files are not copied; `None` is no limit.
    pub max_file_size: Option<Size>,
    /// `bak.maxFiles`: a snapshot of more files goes to the vault alone; `None` is no limit.
    pub max_files: Option<usize>,
    /// `bak.include`: pathspecs of ignored files that are backed up as well.
    pub include: Vec<Vec<u8>>,
    /// `bak.exclude`: pathspecs of files that are never backed up.
    pub exclude: Vec<Vec<u8>>,
    /// `bak.onError`: what pre-commit does when it can't protect a file.
    pub on_error: OnError,
    /// `bak.verbosity`: how much the hooks print.
    pub verbosity: Verbosity,
    /// `bak.applyValidate`: the command that says whether an upgrade may be made.
    pub apply_validate: Option<String>,
    /// `bak.applyReload`: the command that lets a program take the changed files in.
    pub apply_reload: Option<String>,
    /// `bak.applyTest`: the command that says whether the changed files are good.
    pub apply_test: Option<String>,
    /// `bak.applyCommit`: whether an upgrade is committed.
    pub apply_commit: bool,
    /// Git's `color.ui` is `always`: colours where no terminal is, too.
    pub always_colours: bool,
    /// Git's `core.quotePath`: whether names that aren't ASCII are printed in octal.
    pub quote_path: bool,
    /// Git's `core.fileMode`: whether a file that was made executable, or no longer is, is an edit.
    pub file_mode: bool,
    /// Git's `gc.autoDetach` and `maintenance.autoDetach`: whether anything may go on when a command has ended.
    pub auto_detach: bool,
    /// Git's `core.fsync` and `core.fsyncObjectFiles`: whether objects are synced to the disk.
    pub sync_objects: bool,
    /// Git's `filter.*`: the drivers that change a file's bytes when it is staged, except those that keep the contents
    /// in a store of their own.
    pub filters: Vec<Vec<u8>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: true,
            max_backups: 3,
            max_age: None,
            scope: Scope::default(),
            cleanup: Cleanup::default(),
            vault: true,
            vault_expire: Expiry::After(Age::days(30)),
            vault_max_size: Some(Size::from_bytes(2 << 30)),
            record_expire: Expiry::After(Age::days(365)),
            remote: None,
            remote_interval: Age::of_seconds(15 * 60),
            location: Location::default(),
            max_file_size: Some(Size::from_bytes(32 << 20)),
            max_files: Some(500),
            include: Vec::new(),
            exclude: Vec::new(),
            on_error: OnError::default(),
            verbosity: Verbosity::default(),
            apply_validate: None,
            apply_reload: None,
            apply_test: None,
            apply_commit: false,
            always_colours: false,
            quote_path: true,
            file_mode: true,
            auto_detach: true,
            sync_objects: false,
            filters: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the settings from Git's configuration, in the order in which Git prints it: of a
    /// key that is there several times the last value counts. Keys of other sections are passed over.
    ///
    /// Gives the settings and, in no promised order, every value that can't be read and every key of ours that is none.
    pub fn read(entries: &[ConfigEntry]) -> (Self, Vec<SettingProblem>) {
        let default = Self::default();
        let mut reader = EntryReader::of(entries);
        let settings = Self {
            enabled: reader.bool("bak.enabled", default.enabled),
            max_backups: reader.count("bak.maxBackups", default.max_backups),
            max_age: reader.max_age(default.max_age),
            scope: reader.word("bak.scope", default.scope, Scope::WORDS),
            cleanup: reader.word("bak.cleanup", default.cleanup, Cleanup::WORDS),
            vault: reader.bool("bak.vault", default.vault),
            vault_expire: reader.expiry("bak.vaultExpire", default.vault_expire),
            vault_max_size: reader.size("bak.vaultMaxSize", default.vault_max_size),
            record_expire: reader.expiry("bak.recordExpire", default.record_expire),
            remote: reader.remote(),
            remote_interval: reader.age("bak.remoteInterval", default.remote_interval),
            location: reader.word("bak.location", default.location, Location::WORDS),
            max_file_size: reader.size("bak.maxFileSize", default.max_file_size),
            max_files: reader.max_files(default.max_files),
            include: reader.pathspecs("bak.include"),
            exclude: reader.pathspecs("bak.exclude"),
            on_error: reader.word("bak.onError", default.on_error, OnError::WORDS),
            verbosity: reader.word("bak.verbosity", default.verbosity, Verbosity::WORDS),
            apply_validate: reader.command("bak.applyValidate"),
            apply_reload: reader.command("bak.applyReload"),
            apply_test: reader.command("bak.applyTest"),
            apply_commit: reader.bool("bak.applyCommit", default.apply_commit),
            always_colours: reader
                .all("color.ui")
                .next_back()
                .is_some_and(|entry| entry.value.as_deref() == Some(b"always")),
            quote_path: reader.bool("core.quotePath", default.quote_path),
            file_mode: reader.bool("core.fileMode", default.file_mode),
            auto_detach: reader.bool("gc.autoDetach", true)
                && reader.bool("maintenance.autoDetach", true),
            sync_objects: reader.sync_objects(default.sync_objects),
            filters: reader.filters(),
        };
        (settings, reader.finish())
    }
}

impl Settings {
    /// The names of the filter drivers that encrypt, as they are known by them.
    pub fn encrypting(&self) -> Vec<String> {
        let drivers = self.filters.iter().filter(|driver| encrypts(driver));
        drivers.map(|driver| String::from_utf8_lossy(driver).into_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, value: &str) -> ConfigEntry {
        ConfigEntry {
            key: key.to_ascii_lowercase().into_bytes(),
            value: Some(value.as_bytes().to_vec()),
            origin: "file:.git/config".to_owned(),
        }
    }

    fn without_value(key: &str) -> ConfigEntry {
        ConfigEntry { value: None, ..entry(key, "") }
    }

    /// The settings of values that can all be read.
    fn read(entries: &[ConfigEntry]) -> Settings {
        let (settings, problems) = Settings::read(entries);
        assert_eq!(problems, []);
        settings
    }

    /// The one problem of an entry; the settings must be the default ones.
    fn problem(entry: ConfigEntry) -> SettingProblem {
        let (settings, mut problems) = Settings::read(&[entry]);
        assert_eq!(settings, Settings::default());
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems.remove(0)
    }

    #[test]
    fn without_entries_everything_has_its_default() {
        assert_eq!(read(&[]), Settings::default());
        assert_eq!(
            read(&[entry("user.name", "x"), entry("bakery.open", "x")]),
            Settings::default()
        );
    }

    #[test]
    fn the_defaults_are_those_of_the_documentation() {
        let documented = [
            ("bak.enabled", "true"),
            ("bak.maxBackups", "3"),
            ("bak.maxAge", "never"),
            ("bak.scope", "tracked"),
            ("bak.cleanup", "all"),
            ("bak.vault", "true"),
            ("bak.vaultExpire", "30.days"),
            ("bak.recordExpire", "365.days"),
            ("bak.remote", ""),
            ("bak.remoteInterval", "15.minutes"),
            ("bak.location", "auto"),
            ("bak.maxFileSize", "32m"),
            ("bak.maxFiles", "500"),
            ("bak.onError", "warn"),
            ("bak.verbosity", "normal"),
            ("bak.applyValidate", ""),
            ("bak.applyReload", ""),
            ("bak.applyTest", ""),
            ("bak.applyCommit", "false"),
            ("core.quotePath", "true"),
            ("core.fileMode", "true"),
            ("core.fsync", ""),
            ("core.fsyncObjectFiles", "false"),
        ];
        let entries: Vec<_> = documented.iter().map(|(key, value)| entry(key, value)).collect();
        assert_eq!(read(&entries), Settings::default());
    }

    #[test]
    fn every_key_is_read() {
        let settings = read(&[
            entry("bak.enabled", "no"),
            entry("bak.maxBackups", "10"),
            entry("bak.maxAge", "14.days"),
            entry("bak.scope", "all"),
            entry("bak.cleanup", "never"),
            entry("bak.vault", "off"),
            entry("bak.vaultExpire", "never"),
            entry("bak.recordExpire", "90.days"),
            entry("bak.remote", "../x.git"),
            entry("bak.remoteInterval", "1.hour"),
            entry("bak.location", "gitdir"),
            entry("bak.maxFileSize", "1k"),
            entry("bak.maxFiles", "7"),
            entry("bak.include", ".env"),
            entry("bak.exclude", "*.iso"),
            entry("bak.onError", "block"),
            entry("bak.verbosity", "quiet"),
            entry("bak.applyValidate", "make check"),
            entry("bak.applyReload", "systemctl reload x"),
            entry("bak.applyTest", " make test"),
            entry("bak.applyCommit", "yes"),
            entry("color.ui", "always"),
            entry("core.quotePath", "false"),
            entry("core.fileMode", "false"),
            entry("core.fsync", "all"),
        ]);
        let expected = Settings {
            enabled: false,
            max_backups: 10,
            max_age: Some(Age::days(14)),
            scope: Scope::All,
            cleanup: Cleanup::Never,
            vault: false,
            vault_expire: Expiry::Never,
            record_expire: Expiry::After(Age::days(90)),
            remote: "../x.git".parse().ok(),
            remote_interval: Age::of_seconds(3600),
            location: Location::Gitdir,
            max_file_size: Some(Size::from_bytes(1024)),
            max_files: Some(7),
            include: vec![b".env".to_vec()],
            exclude: vec![b"*.iso".to_vec()],
            on_error: OnError::Block,
            verbosity: Verbosity::Quiet,
            apply_validate: Some("make check".to_owned()),
            apply_reload: Some("systemctl reload x".to_owned()),
            apply_test: Some(" make test".to_owned()),
            apply_commit: true,
            always_colours: true,
            quote_path: false,
            file_mode: false,
            sync_objects: true,
            filters: Vec::new(),
            auto_detach: true,
            vault_max_size: Some(Size::from_bytes(2 << 30)),
        };
        assert_eq!(settings, expected);
    }

    #[test]
    fn the_last_value_counts() {
        let settings = read(&[entry("bak.maxBackups", "rubbish"), entry("bak.maxBackups", "5")]);
        assert_eq!(settings.max_backups, 5);
    }

    #[test]
    fn a_last_value_that_can_not_be_read_gives_the_default_and_not_an_earlier_one() {
        let entries = [entry("bak.maxBackups", "5"), entry("bak.maxBackups", "rubbish")];
        let (settings, problems) = Settings::read(&entries);
        assert_eq!(settings.max_backups, 3);
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn zero_is_no_limit() {
        let settings = read(&[
            entry("bak.maxBackups", "0"),
            entry("bak.maxFileSize", "0"),
            entry("bak.maxFiles", "0"),
        ]);
        assert_eq!(settings.max_backups, 0);
        assert_eq!(settings.max_file_size, None);
        assert_eq!(settings.max_files, None);
    }

    #[test]
    fn a_key_without_a_value_is_true() {
        assert!(read(&[entry("bak.enabled", "false"), without_value("bak.enabled")]).enabled);
    }

    #[test]
    fn an_empty_value_is_false() {
        assert!(!read(&[entry("bak.vault", "")]).vault);
    }

    #[test]
    fn values_that_can_not_be_read_are_named_and_the_default_is_used() {
        let unreadable = [
            ("bak.enabled", "maybe"),
            ("bak.maxBackups", "three"),
            ("bak.maxBackups", "-1"),
            ("bak.maxBackups", "99999999999999999999999"),
            ("bak.maxBackups", ""),
            ("bak.maxAge", "14"),
            ("bak.scope", "Tracked"),
            ("bak.cleanup", "none"),
            ("bak.vault", "2kb"),
            ("bak.vaultExpire", "9223372036854775807.years"),
            ("bak.vaultExpire", ""),
            ("bak.remote", "origin"),
            ("bak.remoteInterval", "never"),
            ("bak.location", "elsewhere"),
            ("bak.maxFileSize", "9999999999999g"),
            ("bak.maxFileSize", "-1"),
            ("bak.maxFiles", "1.5"),
            ("bak.onError", "ignore"),
            ("bak.verbosity", "loud"),
            ("core.quotePath", "maybe"),
            ("core.fsyncObjectFiles", "maybe"),
        ];
        for (key, value) in unreadable {
            let problem = problem(entry(key, value));
            assert_eq!((problem.key.as_str(), problem.value.as_str()), (key, value));
            assert_eq!(problem.origin, "file:.git/config");
        }
    }

    #[test]
    fn a_key_of_ours_that_is_no_setting_is_a_problem() {
        for key in ["bak.maxBackup", "bak.sub.scope"] {
            let line = problem(entry(key, "5")).to_string();
            let said =
                format!("{} in file:.git/config: git-bak has no such setting", key.to_lowercase());
            assert_eq!(line, said);
        }
    }

    #[test]
    fn only_booleans_can_do_without_a_value() {
        let keys = [
            "bak.maxBackups",
            "bak.maxAge",
            "bak.scope",
            "bak.vaultExpire",
            "bak.maxFileSize",
            "bak.exclude",
            "core.fsync",
        ];
        for key in keys {
            assert_eq!(problem(without_value(key)).key, key);
        }
    }

    #[test]
    fn a_value_that_is_not_utf8_is_a_problem() {
        let value = Some(b"\xff".to_vec());
        let problem = problem(ConfigEntry { value, ..entry("bak.scope", "") });
        assert_eq!(problem.value, "\u{fffd}");
    }

    #[test]
    fn a_problem_is_one_line_that_says_what_to_do() {
        let line = problem(entry("bak.maxBackups", "three")).to_string();
        assert_eq!(
            line,
            "bak.maxBackups in file:.git/config: \"three\" is not a whole number, 0 for no limit; using 3"
        );
        let line = problem(entry("bak.scope", "every")).to_string();
        assert_eq!(
            line,
            "bak.scope in file:.git/config: \"every\" is not one of tracked, staged, all; using tracked"
        );
    }

    #[test]
    fn pathspecs_add_up_as_bytes() {
        let mut odd = entry("bak.exclude", "");
        odd.value = Some(b"\xff*".to_vec());
        let settings = read(&[entry("bak.exclude", "*.iso"), odd]);
        assert_eq!(settings.exclude, [b"*.iso".to_vec(), b"\xff*".to_vec()]);
    }

    #[test]
    fn an_empty_pathspec_drops_those_before_it() {
        let settings = read(&[
            entry("bak.exclude", "*.iso"),
            entry("bak.exclude", ""),
            entry("bak.exclude", "*.bin"),
        ]);
        assert_eq!(settings.exclude, [b"*.bin".to_vec()]);
    }

    #[test]
    fn a_pathspec_without_a_value_leaves_the_others() {
        let entries = [entry("bak.exclude", "*.iso"), without_value("bak.exclude")];
        let (settings, problems) = Settings::read(&entries);
        assert_eq!(settings.exclude, [b"*.iso".to_vec()]);
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn max_age_can_be_taken_back() {
        let settings = read(&[entry("bak.maxAge", "1.day"), entry("bak.maxAge", "never")]);
        assert_eq!(settings.max_age, None);
    }

    /// What Git 2.47 did with each of these lists when it wrote a loose object.
    #[test]
    fn objects_are_synced_where_git_syncs_its_own() {
        let synced = [
            "all",
            "objects",
            "loose-object",
            "committed",
            "added",
            "committed,-loose-object",
            "-loose-object,committed",
            "none,all",
            "all,none",
            " objects",
            "pack,\tobjects",
            ",,objects",
            "object",
            "added,bogus",
        ];
        for list in synced {
            assert!(read(&[entry("core.fsync", list)]).sync_objects, "{list:?}");
        }
    }

    #[test]
    fn objects_are_not_synced_where_git_does_not() {
        let not_synced = [
            "",
            "none",
            "reference",
            "pack",
            "-pack",
            "-all",
            "Objects",
            "loose-object pack",
            "loose-object ,pack",
            "all;x",
            "objectsx",
            "- objects",
            ",",
        ];
        for list in not_synced {
            assert!(!read(&[entry("core.fsync", list)]).sync_objects, "{list:?}");
        }
        let taken_back = [entry("core.fsync", "all"), entry("core.fsync", "pack")];
        assert!(!read(&taken_back).sync_objects);
    }

    #[test]
    fn the_deprecated_key_asks_for_syncing_too() {
        let entries = [entry("core.fsync", "none"), entry("core.fsyncObjectFiles", "true")];
        assert!(read(&entries).sync_objects);
    }
}
