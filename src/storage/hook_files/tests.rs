use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::folder::HooksFolder;
use super::*;
use crate::git::platform;
use crate::git::repository::Repository;

const USERS: &[u8] = b"#!/bin/sh\necho mine\n";

fn text() -> Vec<u8> {
    shim::render(HookName::PreCommit, b"/opt/git-bak", VERSION)
}

/// A hooks folder of its own, with one hook.
struct Scratch {
    dir: TempDir,
    hook: HookFile,
}

impl Scratch {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let hook = HookFile::new(dir.path(), HookName::PreCommit);
        Self { dir, hook }
    }

    fn with_hook(bytes: &[u8]) -> Self {
        let scratch = Self::new();
        write(&scratch.hook.path(), bytes);
        scratch
    }

    fn install(&self, force: bool) -> Plan {
        let plan = self.hook.plan(&text(), force).unwrap();
        self.hook.carry_out(&plan, &text()).unwrap();
        plan
    }

    /// Every file of the folder with its mode, a link with its target.
    fn everything(&self) -> Vec<(String, String, Vec<u8>)> {
        let mut all: Vec<_> = fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let meta = path.symlink_metadata().unwrap();
                let bytes = match fs::read_link(&path) {
                    Ok(target) => platform::bytes_of(target.as_os_str()),
                    Err(_) => fs::read(&path).unwrap(),
                };
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, format!("{:?}", meta.permissions()), bytes)
            })
            .collect();
        all.sort();
        all
    }
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    set_mode(path, 0o755);
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

#[test]
fn a_shim_is_written_where_no_hook_is_and_goes_without_a_trace() {
    let scratch = Scratch::new();
    assert_eq!(scratch.install(false), Plan::Write);
    assert_eq!(
        scratch.hook.state().unwrap(),
        HookState::OurShim { version: VERSION.to_owned(), intact: true }
    );
    assert!(chained::is_executable(&scratch.hook.path()));
    assert_eq!(scratch.hook.remove().unwrap(), Removal::Removed);
    assert_eq!(scratch.everything(), []);
}

#[test]
fn twice_is_as_once() {
    for scratch in [Scratch::new(), Scratch::with_hook(USERS)] {
        scratch.install(false);
        let once = scratch.everything();
        assert_eq!(scratch.install(false), Plan::Keep);
        assert_eq!(scratch.install(true), Plan::Keep);
        assert_eq!(scratch.everything(), once);
    }
}

#[test]
fn a_users_hook_comes_back_byte_for_byte_and_mode_for_mode() {
    for mode in [0o755, 0o700, 0o644, 0o511] {
        for bytes in [USERS, b"", b"#!/bin/sh\r\n\xff\n"] {
            let scratch = Scratch::with_hook(bytes);
            set_mode(&scratch.hook.path(), mode);
            let before = scratch.everything();
            assert_eq!(scratch.install(false), Plan::Chain { dangling: false, aside: false });
            assert_eq!(fs::read(scratch.hook.chained_path()).unwrap(), bytes);
            assert_eq!(fs::read(scratch.hook.path()).unwrap(), text());
            assert_eq!(scratch.hook.remove().unwrap(), Removal::Restored);
            assert_eq!(scratch.everything(), before);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_chained_as_a_link_even_one_that_leads_nowhere() {
    let scratch = Scratch::new();
    std::os::unix::fs::symlink("../gone", scratch.hook.path()).unwrap();
    let before = scratch.everything();
    assert_eq!(scratch.install(false), Plan::Chain { dangling: true, aside: false });
    assert_eq!(fs::read_link(scratch.hook.chained_path()).unwrap(), Path::new("../gone"));
    assert_eq!(scratch.hook.remove().unwrap(), Removal::Restored);
    assert_eq!(scratch.everything(), before);
}

#[test]
fn a_second_hook_from_before_is_refused_and_with_force_kept() {
    let scratch = Scratch::with_hook(USERS);
    write(&scratch.hook.chained_path(), b"older");
    write(&scratch.dir.path().join("pre-commit.before-bak.1"), b"oldest");
    let before = scratch.everything();
    assert_eq!(scratch.install(false), Plan::Refuse(Obstacle::TwoHooks));
    assert_eq!(scratch.everything(), before);

    scratch.install(true);
    let names: Vec<_> =
        scratch.everything().into_iter().map(|(name, _, bytes)| (name, bytes)).collect();
    let expected: [(&str, Vec<u8>); 4] = [
        ("pre-commit", text()),
        ("pre-commit.before-bak", USERS.to_vec()),
        ("pre-commit.before-bak.1", b"oldest".to_vec()),
        ("pre-commit.before-bak.2", b"older".to_vec()),
    ];
    assert_eq!(names, expected.map(|(name, bytes)| (name.to_owned(), bytes)));
}

#[test]
fn an_edited_shim_is_left_alone_and_with_force_kept() {
    let edited = [&text()[..], b"echo more\n"].concat();
    let scratch = Scratch::with_hook(&edited);
    let before = scratch.everything();
    assert_eq!(scratch.install(false), Plan::Refuse(Obstacle::Edited));
    assert_eq!(scratch.hook.remove().unwrap(), Removal::Edited);
    assert_eq!(scratch.everything(), before);

    assert_eq!(scratch.install(true), Plan::Renew);
    assert_eq!(fs::read(scratch.hook.path()).unwrap(), text());
    assert_eq!(fs::read(scratch.dir.path().join("pre-commit.before-bak.1")).unwrap(), edited);
    assert!(!scratch.hook.has_chained(), "an edited shim must never be chained");
}

#[test]
fn a_shim_of_another_version_or_without_its_run_bit_is_written_anew() {
    let older = shim::render(HookName::PreCommit, b"/old place/git-bak", "0.0.9");
    let scratch = Scratch::with_hook(&older);
    assert_eq!(scratch.install(false), Plan::Update);
    assert_eq!(fs::read(scratch.hook.path()).unwrap(), text());
    if cfg!(unix) {
        set_mode(&scratch.hook.path(), 0o644);
        assert_eq!(scratch.install(false), Plan::Update);
        assert_eq!(scratch.install(false), Plan::Keep);
    }
}

#[test]
fn what_cannot_be_chained_is_left_as_it_is() {
    let husky = Scratch::with_hook(b"#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"");
    let folder = Scratch::new();
    fs::create_dir(folder.hook.path()).unwrap();
    for (scratch, obstacle) in
        [(husky, Obstacle::ByOwnName { shell: true }), (folder, Obstacle::NotAFile)]
    {
        assert_eq!(scratch.hook.plan(&text(), true).unwrap(), Plan::Refuse(obstacle));
        assert_eq!(scratch.hook.remove().unwrap(), Removal::Nothing);
    }
}

#[test]
fn a_hook_that_leads_to_git_bak_already_is_not_chained() {
    let line = Scratch::with_hook(b"#!/bin/sh\ngit-bak hook pre-commit \"$@\" || exit $?\n");
    assert_eq!(line.install(false), Plan::Keep);
    assert_eq!(line.hook.remove().unwrap(), Removal::HasLine);
    let taken_over = Scratch::with_hook(USERS);
    write(&taken_over.dir.path().join("pre-commit.legacy"), &text());
    assert_eq!(taken_over.install(true), Plan::Keep);
    assert_eq!(taken_over.hook.remove().unwrap(), Removal::TakenOver);
}

#[test]
fn killed_between_the_steps_nothing_is_lost_and_the_next_install_goes_on() {
    for killed_after in 1..=3 {
        let scratch = Scratch::with_hook(USERS);
        let (hook, chained) = (scratch.hook.path(), scratch.hook.chained_path());
        let shim = place::write_beside(&hook, &text()).unwrap();
        assert_eq!(fs::read(&hook).unwrap(), USERS);
        if killed_after >= 2 {
            place::keep(&hook, &chained).unwrap();
            assert_eq!(fs::read(&hook).unwrap(), USERS);
        }
        if killed_after >= 3 {
            place::put(shim, &hook).unwrap();
        } else {
            std::mem::forget(shim);
        }
        scratch.install(false);
        assert_eq!(fs::read(&chained).unwrap(), USERS, "killed after step {killed_after}");
        assert_eq!(fs::read(&hook).unwrap(), text(), "killed after step {killed_after}");
        scratch.hook.remove().unwrap();
        assert_eq!(fs::read(&hook).unwrap(), USERS, "killed after step {killed_after}");
    }
}

#[test]
fn a_second_name_never_replaces_a_file() {
    let scratch = Scratch::with_hook(USERS);
    write(&scratch.hook.chained_path(), b"older");
    assert!(place::keep(&scratch.hook.path(), &scratch.hook.chained_path()).is_err());
    assert_eq!(fs::read(scratch.hook.chained_path()).unwrap(), b"older");
}

#[test]
fn somebody_elses_hook_over_our_shim_is_left_and_the_hook_from_before_too() {
    let scratch = Scratch::with_hook(USERS);
    scratch.install(false);
    write(&scratch.hook.path(), b"a manager's");
    let before = scratch.everything();
    assert_eq!(scratch.hook.remove().unwrap(), Removal::Foreign);
    assert_eq!(scratch.everything(), before);
}

#[test]
fn a_hook_from_before_whose_shim_was_deleted_is_put_back() {
    let scratch = Scratch::with_hook(USERS);
    scratch.install(false);
    fs::remove_file(scratch.hook.path()).unwrap();
    assert_eq!(scratch.hook.remove().unwrap(), Removal::Restored);
    assert_eq!(fs::read(scratch.hook.path()).unwrap(), USERS);
}

/// A repository of Git's own making, and what may be said of it.
fn repository(settings: &[(&str, &str)]) -> (TempDir, Repository) {
    let dir = tempfile::tempdir().unwrap();
    let top = fs::canonicalize(dir.path()).unwrap();
    git(&top, &["init", "-q", "--template="]);
    for (key, value) in settings {
        git(&top, &["config", key, value]);
    }
    let repository = Repository::discover(&top).unwrap();
    (dir, repository)
}

fn git(dir: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("GIT_"))
    {
        command.env_remove(key);
    }
    let null = [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")];
    let done = command.args(args).current_dir(dir).envs(null).status().unwrap();
    assert!(done.success(), "git {args:?}");
}

#[test]
fn a_folder_in_the_git_directory_is_ours() {
    let (_dir, own) = repository(&[("core.hooksPath", ".git/my-hooks")]);
    assert_eq!(folder::find(&own).unwrap(), HooksFolder::Ours(own.top.join(".git/my-hooks")));
}

#[test]
fn a_folder_in_the_working_tree_is_a_managers() {
    let (_dir, own) = repository(&[("core.hooksPath", ".githooks")]);
    assert_eq!(folder::find(&own).unwrap(), HooksFolder::Managed(own.top.join(".githooks")));
}

#[test]
fn of_huskys_two_folders_it_is_the_one_that_people_edit() {
    let (_dir, own) = repository(&[("core.hooksPath", ".husky/_")]);
    fs::create_dir_all(own.top.join(".husky/_")).unwrap();
    fs::write(own.top.join(".husky/_/h"), b"").unwrap();
    assert_eq!(folder::find(&own).unwrap(), HooksFolder::Managed(own.top.join(".husky")));
}

#[cfg(unix)]
#[test]
fn a_hooks_folder_that_is_a_link_out_of_the_git_directory_is_not_ours() {
    let (_dir, own) = repository(&[]);
    fs::create_dir(own.top.join("tracked")).unwrap();
    std::os::unix::fs::symlink("../tracked", own.common_dir.join("hooks")).unwrap();
    assert!(matches!(folder::find(&own).unwrap(), HooksFolder::Managed(_)));
}

#[test]
fn a_relative_hooks_path_leads_nowhere_in_a_linked_worktree() {
    let (dir, own) = repository(&[("core.hooksPath", ".git/hooks")]);
    let who = ["-c", "user.name=u", "-c", "user.email=e"];
    git(&own.top, &[&who[..], &["commit", "-q", "--allow-empty", "-m", "x"]].concat());
    git(&own.top, &["worktree", "add", "-q", "linked"]);
    let linked =
        Repository::discover(&fs::canonicalize(dir.path().join("linked")).unwrap()).unwrap();
    assert!(matches!(folder::find(&linked).unwrap(), HooksFolder::Outside(_)));
    git(&own.top, &["config", "core.hooksPath", folder::default(&own).to_str().unwrap()]);
    assert_eq!(folder::find(&linked).unwrap(), HooksFolder::Ours(folder::default(&own)));
}
