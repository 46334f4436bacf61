//! Installing: the shims, the user's own hooks, what is written besides, and taking it all out again.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scratch::{BAK, Ran, Scratch, script};

const HOOKS: [&str; 4] = ["post-index-change", "pre-commit", "post-commit", "post-checkout"];

/// Everything below a folder: path, bytes and mode.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.insert(path.clone(), (fs::read(&path).unwrap_or_default(), mode(&path)));
            }
        }
    }
    all
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.symlink_metadata().unwrap().permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn mode(_: &Path) -> u32 {
    0
}

fn hooks(s: &Scratch) -> PathBuf {
    s.top().join(".git/hooks")
}

fn hook_text(s: &Scratch, name: &str) -> String {
    fs::read_to_string(hooks(s).join(name)).unwrap()
}

/// The folders of the PATH in which there is no git-bak.
fn path_without_git_bak() -> OsString {
    let path = std::env::var_os("PATH").unwrap();
    let without = std::env::split_paths(&path).filter(|folder| !folder.join("git-bak").exists());
    std::env::join_paths(without).unwrap()
}

/// A command that finds no git-bak.
fn without_git_bak(s: &Scratch, program: &str) -> Command {
    let mut command = s.command(program);
    command.env("PATH", path_without_git_bak());
    command
}

fn run(command: &mut Command) -> Ran {
    Ran::of(&command.output().unwrap())
}

/// The program under another name. On Windows no name of a program that runs can be removed.
fn place_program(program: &Path) {
    if cfg!(windows) {
        fs::copy(BAK, program).unwrap();
    } else {
        crate::scratch::place(program);
    }
}

/// The program in another place, from where git-bak is installed.
fn installed_from(s: &Scratch, folder: &str) -> PathBuf {
    let folder = s.root().join(folder);
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("git-bak");
    place_program(&program);
    run(s.command(&program).arg("install")).expect_success();
    program
}

#[test]
fn every_shim_is_short_runnable_and_names_the_program_by_its_whole_path() {
    let s = Scratch::new();
    for name in HOOKS {
        let text = hook_text(&s, name);
        assert!(text.starts_with("#!/bin/sh\n"), "{text}");
        assert!(text.lines().count() < 25, "{text}");
        assert!(text.contains(&format!("'{BAK}'")), "{text}");
        assert!(Path::new(BAK).is_absolute());
        #[cfg(unix)]
        assert_eq!(mode(&hooks(&s).join(name)), 0o755);
    }
}

#[test]
fn a_commit_is_protected_where_no_git_bak_is_on_the_path() {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    s.write("a.txt", "two\n");
    let ran = run(without_git_bak(&s, "git").args(["commit", "-qam", "second"]));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
}

#[test]
fn a_program_that_has_moved_is_found_on_the_path() {
    let s = Scratch::empty();
    let program = installed_from(&s, "elsewhere");
    fs::remove_file(program).unwrap();
    s.hook("pre-commit", "exit 1");
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    s.try_git(["commit", "-qm", "first"]);
    assert_eq!(s.backup_texts("a.txt"), ["one\n"]);
}

#[test]
fn without_the_program_a_commit_works_the_users_hook_runs_and_one_line_says_so() {
    let s = Scratch::empty();
    let program = installed_from(&s, "elsewhere");
    fs::remove_file(program).unwrap();
    s.hook("pre-commit", "echo mine ran >&2");
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    let ran = run(without_git_bak(&s, "git").args(["commit", "-qm", "first"])).expect_success();
    let said: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("git-bak")).collect();
    // One for each hook that ran.
    assert_eq!(said.len(), 2, "{ran:?}");
    assert!(said[0].contains("no backups were made"), "{ran:?}");
    assert!(said[0].contains("reinstall"), "{ran:?}");
    assert_eq!(ran.stderr.lines().filter(|line| *line == "mine ran").count(), 1, "{ran:?}");
    s.git(["rev-parse", "HEAD"]);
}

#[test]
fn without_the_program_the_users_hook_still_says_no() {
    let s = Scratch::empty();
    let program = installed_from(&s, "elsewhere");
    fs::remove_file(program).unwrap();
    s.hook("pre-commit", "exit 7");
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    let ran = run(without_git_bak(&s, "git").args(["commit", "-qm", "first"]));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(s.try_git(["rev-parse", "-q", "--verify", "HEAD"]).status, 1);
}

#[test]
fn without_the_program_the_command_in_its_line_puts_things_right() {
    let s = Scratch::empty();
    s.hook("pre-commit", "exit 0");
    let before = hook_text(&s, "pre-commit");
    let program = installed_from(&s, "elsewhere");
    fs::remove_file(program).unwrap();
    let ran = run(without_git_bak(&s, "git").args(["commit", "--allow-empty", "-qm", "first"]));
    let line = ran.stderr.lines().find(|line| line.contains("pre-commit")).unwrap();
    let (_, command) = line.split_once("remove this hook with ").unwrap();
    run(s.command("sh").args(["-c", command])).expect_success();
    assert_eq!(hook_text(&s, "pre-commit"), before);
}

#[test]
fn a_users_hook_is_chained_with_its_bytes_its_mode_its_arguments_and_its_status() {
    let s = Scratch::empty();
    s.hook("post-checkout", "echo \"got $1 $2 $3\" >&2; exit 3");
    let file = hooks(&s).join("post-checkout");
    #[cfg(unix)]
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    let (text, mode_before) = (fs::read(&file).unwrap(), mode(&file));
    let said = s.bak(["install"]).stderr;
    assert!(said.contains("post-checkout.before-bak"), "{said}");
    let chained = hooks(&s).join("post-checkout.before-bak");
    assert_eq!((fs::read(&chained).unwrap(), mode(&chained)), (text, mode_before));
    s.git(["commit", "--allow-empty", "-qm", "first"]);
    let head = s.git(["rev-parse", "HEAD"]).stdout;
    let head = head.trim();
    let ran = s.try_git(["checkout", "-q", "-b", "other"]);
    assert_eq!(ran.status, 1, "post-checkout's status is checkout's: {ran:?}");
    assert!(ran.stderr.contains(&format!("got {head} {head} 1")), "{ran:?}");
}

#[test]
fn a_hook_that_finds_its_work_by_its_own_name_is_refused_with_the_line_to_add() {
    let s = Scratch::empty();
    let body = "h=\"${0##*/}\"; touch \"ran-$h\"\n. \"$(dirname -- \"$0\")/_h\"";
    s.hook("pre-commit", body);
    fs::write(hooks(&s).join("_h"), "s=$(basename \"$0\"); touch \"sourced-$s\"\n").unwrap();
    let before = hook_text(&s, "pre-commit");
    let ran = s.try_bak(["install"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(hook_text(&s, "pre-commit"), before);
    assert!(!s.exists(".git/hooks/pre-commit.before-bak"));
    assert!(s.exists(".git/hooks/post-commit"), "the others are installed: {ran:?}");
    // The line does what it says.
    let line = ran.stderr.lines().find(|line| line.contains("second line: ")).unwrap();
    let (_, add) = line.split_once("second line: ").unwrap();
    let with_line = before.replacen('\n', &format!("\n{add}\n"), 1);
    fs::write(hooks(&s).join("pre-commit"), with_line).unwrap();
    s.hook("commit-msg", "exit 1");
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    s.try_git(["commit", "-qm", "first"]);
    assert_eq!(s.backup_texts("a.txt"), ["one\n"]);
    assert!(s.exists("ran-pre-commit") && s.exists("sourced-pre-commit"));
    let again = s.bak(["install"]);
    assert!(
        again.stderr.contains("already installed: post-index-change, pre-commit,"),
        "{again:?}"
    );
}

#[test]
fn installing_twice_is_as_installing_once() {
    let s = Scratch::empty();
    s.hook("pre-commit", "exit 0");
    s.bak(["install"]);
    let once = tree(&s.top().join(".git"));
    let ran = s.bak(["install"]);
    assert_eq!(tree(&s.top().join(".git")), once);
    assert!(ran.stderr.contains("already installed"), "{ran:?}");
    assert_eq!(ran.stdout, "");
}

#[test]
fn installing_and_uninstalling_leaves_the_hooks_and_the_ignore_file_as_they_were() {
    let s = Scratch::empty();
    s.hook("pre-commit", "exit 0");
    fs::write(hooks(&s).join("post-commit"), b"#!/bin/sh\r\nno last newline \xff").unwrap();
    #[cfg(unix)]
    fs::set_permissions(
        hooks(&s).join("post-commit"),
        std::os::unix::fs::PermissionsExt::from_mode(0o640),
    )
    .unwrap();
    fs::write(s.top().join(".git/info/exclude"), "*.o\n").unwrap();
    let (before, info) = (tree(&hooks(&s)), tree(&s.top().join(".git/info")));
    s.bak(["install"]);
    assert_ne!(tree(&hooks(&s)), before);
    assert_ne!(tree(&s.top().join(".git/info")), info);
    s.bak(["uninstall"]);
    assert_eq!(tree(&hooks(&s)), before);
    assert_eq!(tree(&s.top().join(".git/info")), info);
}

#[test]
fn uninstalling_says_how_many_backups_and_snapshots_are_left() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "a.txt"]);
    let ran = s.bak(["uninstall"]);
    assert!(ran.stderr.contains("1 backup "), "{ran:?}");
    assert!(ran.stderr.contains("3 snapshots "), "{ran:?}");
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
    let again = s.bak(["uninstall"]);
    assert!(again.stderr.contains("git-bak is not installed here"), "{again:?}");
}

#[test]
fn an_edited_shim_is_left_alone_and_named() {
    let s = Scratch::new();
    let file = hooks(&s).join("pre-commit");
    let edited = hook_text(&s, "pre-commit") + "echo hello >&2\n";
    fs::write(&file, &edited).unwrap();
    for command in ["install", "uninstall"] {
        let ran = s.try_bak([command]);
        assert_eq!(ran.status, 1, "{ran:?}");
        let line = ran.stderr.lines().find(|line| line.contains("edited")).unwrap();
        assert!(line.contains("hooks/pre-commit"), "{ran:?}");
        assert_eq!(hook_text(&s, "pre-commit"), edited);
    }
    assert!(!s.exists(".git/hooks/post-commit"), "the others are gone");
}

#[test]
fn force_writes_an_edited_shim_anew_and_keeps_the_edited_one() {
    let s = Scratch::new();
    let (fresh, file) = (hook_text(&s, "pre-commit"), hooks(&s).join("pre-commit"));
    let edited = fresh.clone() + "# mine\n";
    fs::write(file, &edited).unwrap();
    let ran = s.bak(["install", "--force"]);
    assert_eq!(hook_text(&s, "pre-commit"), fresh);
    assert_eq!(hook_text(&s, "pre-commit.before-bak.1"), edited);
    assert!(ran.stderr.contains("pre-commit.before-bak.1"), "{ran:?}");
}

#[test]
fn an_older_chained_hook_in_the_way_is_never_replaced() {
    let s = Scratch::empty();
    s.hook("pre-commit", "echo new");
    script(&hooks(&s).join("pre-commit.before-bak"), "echo old");
    let before = tree(&hooks(&s));
    let ran = s.try_bak(["install", "--hooks", "pre-commit"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("--force"), "{ran:?}");
    assert_eq!(tree(&hooks(&s)), before);
    s.bak(["install", "--hooks", "pre-commit", "--force"]);
    assert!(hook_text(&s, "pre-commit.before-bak").contains("echo new"));
    assert!(hook_text(&s, "pre-commit.before-bak.1").contains("echo old"));
}

#[test]
fn the_hooks_that_are_named_are_installed_and_no_other() {
    let s = Scratch::empty();
    s.bak(["install", "--hooks", "post-commit,pre-commit"]);
    assert!(s.exists(".git/hooks/pre-commit") && s.exists(".git/hooks/post-commit"));
    assert!(!s.exists(".git/hooks/post-checkout"));
}

#[test]
fn an_unknown_hook_is_wrong_usage_and_nothing_is_written() {
    let s = Scratch::empty();
    let before = tree(&s.top().join(".git"));
    for list in ["pre-push", "pre-commit,nope", "", "pre-commit,"] {
        let ran = s.try_bak(["install", "--hooks", list]);
        assert_eq!(ran.status, 2, "{list}: {ran:?}");
        assert!(ran.stderr.contains("pre-commit, post-commit, post-checkout"), "{ran:?}");
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(tree(&s.top().join(".git")), before);
}

#[test]
fn a_repository_without_hooks_and_info_folders_gets_both() {
    let s = Scratch::empty();
    let bare_bones = s.root().join("bones");
    s.git(["init", "-q", "--template=", bare_bones.to_str().unwrap()]);
    let other = s.at(&bare_bones);
    other.bak(["install"]);
    assert!(bare_bones.join(".git/hooks/pre-commit").is_file());
    let exclude = fs::read_to_string(bare_bones.join(".git/info/exclude")).unwrap();
    assert!(exclude.contains("git-bak"), "{exclude}");
    other.bak(["uninstall"]);
    assert!(!bare_bones.join(".git/hooks/pre-commit").exists());
}

#[test]
fn installing_in_a_linked_worktree_protects_all_working_trees() {
    let s = Scratch::empty();
    s.git(["commit", "--allow-empty", "-qm", "first"]);
    let linked = s.root().join("linked");
    s.git(["worktree", "add", "-q", linked.to_str().unwrap()]);
    s.at(&linked).bak(["install"]);
    assert!(s.exists(".git/hooks/pre-commit"));
    s.hook("pre-commit", "exit 1");
    for top in [s.top(), linked.as_path()] {
        fs::write(top.join("a.txt"), "one\n").unwrap();
        s.at(top).git(["add", "a.txt"]);
        s.at(top).try_git(["commit", "-qm", "second"]);
        let found = fs::read_dir(top).unwrap().filter(|entry| {
            entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("a.txt.bak.")
        });
        assert_eq!(found.count(), 1, "{}", top.display());
    }
}

#[test]
fn a_bare_repository_is_refused_in_one_line() {
    let s = Scratch::empty();
    let bare = s.root().join("bare.git");
    s.git(["init", "-q", "--bare", bare.to_str().unwrap()]);
    let before = tree(&bare);
    let ran = s.at(&bare).try_bak(["install"]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("not a working tree"), "{ran:?}");
    assert_eq!(tree(&bare), before);
}

#[test]
fn no_setting_of_the_users_is_touched_and_nobody_who_fetches_sees_anything_of_ours() {
    let s = Scratch::empty();
    s.git(["config", "transfer.hideRefs", "refs/private"]);
    let before = s.read(".git/config");
    s.bak(["install"]);
    s.bak(["install"]);
    assert_eq!(s.git(["config", "--get-all", "transfer.hideRefs"]).stdout, "refs/private\n");
    s.bak(["uninstall"]);
    assert_eq!(s.read(".git/config"), before);
    s.bak(["install"]);
    s.write("a.txt", "one\n");
    s.bak(["snapshot", "a.txt"]);
    s.git(["commit", "--allow-empty", "-qm", "first"]);
    let url = s.top().to_str().unwrap();
    let clone = s.root().join("mirror.git");
    s.at(s.root()).git(["clone", "-q", "--mirror", url, clone.to_str().unwrap()]);
    assert_eq!(
        s.at(&clone).git(["for-each-ref", "--format=%(refname)"]).stdout,
        "refs/heads/main\n"
    );
}

#[test]
fn a_repository_and_a_program_with_spaces_and_quotes_in_their_paths_work() {
    let s = Scratch::empty();
    let name = "it's a \"repo\" $HOME `x`";
    let odd = s.root().join(if cfg!(windows) { name.replace('"', "") } else { name.into() });
    fs::create_dir(&odd).unwrap();
    let other = s.at(&odd);
    other.git(["init", "-q"]);
    other.git(["config", "user.name", "Test"]);
    other.git(["config", "user.email", "test@example.org"]);
    let place = s.root().join("pro gram's $(x)");
    fs::create_dir(&place).unwrap();
    place_program(&place.join("git-bak"));
    let install = |verb: &str| {
        run(other.command(place.join("git-bak")).arg(verb)).expect_success();
    };
    script(&odd.join(".git/hooks/pre-commit"), "exit 1");
    install("install");
    fs::write(odd.join("a.txt"), "one\n").unwrap();
    // Without another one on the PATH only the quoted name can have been run.
    let without_another = |args: &[&str]| {
        let mut command = other.command("git");
        run(command.env("PATH", path_without_git_bak()).args(args))
    };
    assert_eq!(without_another(&["add", "a.txt"]).expect_success().stderr, "");
    assert!(other.bak(["list"]).stdout.starts_with("a.txt\n"));
    fs::write(odd.join("a.txt"), "two\n").unwrap();
    let ran = without_another(&["commit", "-m", "first"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("backed up: a.txt.bak."), "{ran:?}");
    install("install");
    install("uninstall");
    assert!(!odd.join(".git/hooks/pre-commit.before-bak").exists());
    let text = fs::read_to_string(odd.join(".git/hooks/pre-commit")).unwrap();
    assert_eq!(text, "#!/bin/sh\nexit 1\n");
}

#[cfg(unix)]
#[test]
fn a_hook_that_is_a_link_leading_nowhere_is_named_and_kept() {
    let s = Scratch::empty();
    std::os::unix::fs::symlink("../gone", hooks(&s).join("pre-commit")).unwrap();
    let ran = s.bak(["install"]);
    assert!(ran.stderr.contains("a broken link"), "{ran:?}");
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    s.git(["commit", "-qm", "first"]);
    assert!(s.vault_has("a.txt", "one\n"));
    s.bak(["uninstall"]);
    let target = fs::read_link(hooks(&s).join("pre-commit")).unwrap();
    assert_eq!(target, Path::new("../gone"));
}

#[test]
fn a_folder_in_a_hooks_place_is_named_and_the_others_are_installed() {
    let s = Scratch::empty();
    fs::create_dir(hooks(&s).join("post-commit")).unwrap();
    let ran = s.try_bak(["install"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("post-commit is not a file"), "{ran:?}");
    assert!(s.exists(".git/hooks/pre-commit"));
}

#[test]
fn installing_says_what_settings_make_of_it() {
    let s = Scratch::empty();
    s.git(["config", "bak.vault", "false"]);
    s.git(["config", "bak.enabled", "false"]);
    let ran = s.bak(["install"]);
    assert!(ran.stderr.contains("bak.vault is false"), "{ran:?}");
    assert!(ran.stderr.contains("bak.enabled is false"), "{ran:?}");
}

#[test]
fn a_submodule_and_a_separate_git_directory_are_installed_into_like_any_other() {
    let s = Scratch::empty();
    let origin = s.root().join("origin");
    s.git(["init", "-q", "-b", "main", origin.to_str().unwrap()]);
    let identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
    s.at(&origin).git(identity.iter().chain(&["commit", "-q", "--allow-empty", "-m", "x"]));
    let url = origin.to_str().unwrap();
    s.git(["-c", "protocol.file.allow=always", "submodule", "-q", "add", url, "lib"]);
    let (separate, dir) = (s.root().join("separate"), s.root().join("elsewhere.git"));
    let option = format!("--separate-git-dir={}", dir.display());
    s.git(["init", "-q", &option, separate.to_str().unwrap()]);
    for (top, git_dir) in [(s.top().join("lib"), s.top().join(".git/modules/lib")), (separate, dir)]
    {
        let there = s.at(&top);
        there.bak(["install"]);
        script(&git_dir.join("hooks/commit-msg"), "exit 1");
        fs::write(top.join("a.txt"), "one\n").unwrap();
        there.git(["add", "a.txt"]);
        assert!(there.bak(["list"]).stdout.starts_with("a.txt\n"));
        fs::write(top.join("a.txt"), "two\n").unwrap();
        let ran = there.try_git(identity.iter().chain(&["commit", "-m", "x"]));
        assert!(ran.stderr.contains("backed up: a.txt.bak."), "{ran:?}");
        assert!(there.bak(["list"]).stdout.starts_with("a.txt\n"));
    }
    assert!(!s.exists(".git/hooks/pre-commit"), "the superproject is left alone");
}

#[cfg(unix)]
#[test]
fn a_repository_with_a_line_feed_in_its_path_works() {
    let s = Scratch::empty();
    let odd = s.root().join("new\nline");
    fs::create_dir(&odd).unwrap();
    let other = s.at(&odd);
    other.git(["init", "-q"]);
    let ran = other.try_bak(["install"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    fs::write(odd.join("a.txt"), "one\n").unwrap();
    other.bak(["snapshot", "a.txt"]);
    assert!(other.bak(["list"]).stdout.starts_with("a.txt\n"));
}

#[test]
fn the_work_that_is_there_is_kept_at_once() {
    let s = Scratch::empty();
    s.write("a.txt", "one\n");
    s.write("b.txt", "one\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "first"]);
    let ran = s.bak(["install"]);
    assert!(!ran.stderr.contains("backed up") && s.vault().is_empty(), "{ran:#?}");
    s.bak(["uninstall"]);
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "edited\n");
    s.write("new.txt", "untracked\n");
    let ran = s.bak(["install"]);
    let said = "✓ 1 file with uncommitted work backed up; 1 untracked file not backed up until staged: \
                git bak snapshot --untracked\n";
    assert!(ran.stderr.contains(said), "{ran:#?}");
    assert!(s.vault_has("a.txt", "staged\n") && s.vault_has("a.txt", "edited\n"));
    assert!(s.all_backups().is_empty(), "nothing appears beside the files");
    s.git(["-c", "core.fsmonitor=false", "reset", "-q", "--hard"]);
    s.bak(["restore", "a.txt"]);
    assert_eq!(s.read("a.txt"), "edited\n");
}

#[test]
fn what_is_used_beside_it_is_named_with_the_command_for_it() {
    let s = Scratch::new();
    s.write("lefthook.yml", "pre-commit:\n");
    std::fs::create_dir_all(s.root().join("home/.claude")).unwrap();
    let ran = s.bak(["install"]);
    let said = "• lefthook: its install removes git-bak's hooks: run git bak install after it\n";
    assert!(ran.stderr.contains(said), "{ran:#?}");
    let said = "• Claude Code was found, and doesn't ask git-bak: git bak install --agent claude\n";
    assert!(ran.stderr.contains(said), "{ran:#?}");
}
