//! The hook managers that are known to us, and by which files of the working tree one is known to be used.

use std::fmt;

use super::started::started;
use crate::model::hook::name::HookName;

/// A hook manager, or what is run by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookManager {
    /// pre-commit (pre-commit.com).
    PreCommit,
    /// prek, which reads pre-commit's configuration too.
    Prek,
    Husky,
    Lefthook,
    /// lint-staged, which has no hook of its own.
    LintStaged,
    Overcommit,
}

impl HookManager {
    pub const ALL: [Self; 6] = [
        Self::PreCommit,
        Self::Prek,
        Self::Husky,
        Self::Lefthook,
        Self::LintStaged,
        Self::Overcommit,
    ];

    /// Its name, as its makers write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::Prek => "prek",
            Self::Husky => "husky",
            Self::Lefthook => "lefthook",
            Self::LintStaged => "lint-staged",
            Self::Overcommit => "Overcommit",
        }
    }

    /// Names at the top of the working tree, any of which shows that it is used (its own documentation).
    pub fn marks(self) -> &'static [&'static str] {
        match self {
            Self::PreCommit => &[".pre-commit-config.yaml", ".pre-commit-config.yml"],
            Self::Prek => &["prek.toml", ".prek.toml"],
            Self::Husky => &[".husky"],
            Self::Lefthook => &[
                "lefthook.yml",
                "lefthook.yaml",
                "lefthook.toml",
                "lefthook.json",
                ".lefthook.yml",
                ".lefthook.yaml",
                ".lefthook.toml",
                ".lefthook.json",
            ],
            Self::LintStaged => &[
                ".lintstagedrc",
                ".lintstagedrc.json",
                ".lintstagedrc.yaml",
                ".lintstagedrc.yml",
                ".lintstagedrc.js",
                ".lintstagedrc.mjs",
                ".lintstagedrc.cjs",
                "lint-staged.config.js",
                "lint-staged.config.mjs",
                "lint-staged.config.cjs",
            ],
            Self::Overcommit => &[".overcommit.yml"],
        }
    }

    /// Whether its settings have it run git-bak for this hook: by a command, or by the ids that git-bak has
    /// for the lists of pre-commit and prek (`.pre-commit-hooks.yaml`).
    pub fn lists(self, settings: &[u8], hook: HookName) -> bool {
        if !started(settings, &format!("hook {hook}")).is_empty() {
            return true;
        }
        let id = match hook {
            HookName::PreCommit => "git-bak",
            HookName::PostCommit => "git-bak-clean-up",
            HookName::PostCheckout | HookName::PostIndexChange => return false,
        };
        let text = String::from_utf8_lossy(settings);
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        matches!(self, Self::PreCommit | Self::Prek)
            && lines.into_iter().any(|line| {
                let plain = line.replace([' ', '\t', '\'', '"'], "");
                ["id:", "id="].iter().any(|key| {
                    plain.match_indices(&format!("{key}{id}")).any(|(at, found)| {
                        let after = plain[at + found.len()..].chars().next();
                        after.is_none_or(|c| ",}#".contains(c))
                    })
                })
            })
    }

    /// Whether a `package.json` has a section of its name.
    pub fn is_in_package(self, package: &[u8]) -> bool {
        let package: Result<serde_json::Value, _> = serde_json::from_slice(package);
        package.is_ok_and(|package| package.get(self.name()).is_some())
    }
}

impl fmt::Display for HookManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_one_manager() {
        let all: Vec<&str> = HookManager::ALL.iter().flat_map(|it| it.marks()).copied().collect();
        let mut once = all.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), all.len());
    }

    #[test]
    fn a_list_names_us_by_an_id_or_by_a_command() {
        use HookName::{PostCheckout, PostCommit, PreCommit};
        let of = |manager: HookManager, text: &str| {
            [PreCommit, PostCommit, PostCheckout].map(|hook| manager.lists(text.as_bytes(), hook))
        };
        let both = "- {repo: ../git-bak, hooks: [{id: git-bak}, {id: git-bak-clean-up}]}\n";
        assert_eq!(of(HookManager::PreCommit, both), [true, true, false]);
        assert_eq!(of(HookManager::Prek, "  { id = \"git-bak\" },\n"), [true, false, false]);
        assert_eq!(of(HookManager::PreCommit, "  - id: git-bak # ours\n"), [true, false, false]);
        assert_eq!(of(HookManager::PreCommit, "# - id: git-bak\n"), [false; 3]);
        assert_eq!(of(HookManager::PreCommit, "- repo: /x/git-bak\n"), [false; 3]);
        assert_eq!(of(HookManager::Lefthook, "id: git-bak\n"), [false; 3]);
        let command = "- run: git-bak hook post-checkout {0}\n";
        assert_eq!(of(HookManager::Lefthook, command), [false, false, true]);
    }

    #[test]
    fn a_package_names_what_it_has_a_section_for_and_not_what_it_depends_on() {
        let package =
            br#"{ "lint-staged": { "*.js": "eslint" }, "devDependencies": { "husky": "9" } }"#;
        assert!(HookManager::LintStaged.is_in_package(package));
        assert!(!HookManager::Husky.is_in_package(package));
        assert!(!HookManager::Lefthook.is_in_package(package));
        assert!(!HookManager::LintStaged.is_in_package(b"no json"));
    }
}
