//! The chained hook: the user's own, whose place ours took. A script runs it itself; here it is run where Git, or a
//! hook manager, has started this program.

use std::path::Path;
use std::process::Command;

use super::Run;
use crate::model::settings::Settings;
use crate::os::{private, process};
use crate::setup::hook_files::HOOK;
use crate::term::Term;

/// The path of the chained hook under way, for the case that it leads back to ours.
const GUARD: &str = "GIT_BAK_RUNNING";
/// The number of the process that it runs for: Git, or a hook manager that Git has started.
const GUARD_FOR: &str = "GIT_BAK_RUNNING_FOR";

/// Whether this very hook is running already and has led back to us, as hook managers do that run the
/// hook they found in their place. A `git commit` inside a hook is no loop: that is another Git.
pub fn is_loop(hook: &Path) -> bool {
    let running = std::env::var_os(GUARD);
    if !running.is_some_and(|running| is_same(Path::new(&running), hook)) {
        return false;
    }
    let running_for = std::env::var(GUARD_FOR).ok().and_then(|pid| pid.parse().ok());
    running_for.is_none_or(|pid| process::is_no_git_up_to(pid) != Some(false))
}

/// Whether these are names of one file: a shell between us and us may have written it in another way.
fn is_same(one: &Path, other: &Path) -> bool {
    let folder = |path: &Path| path.parent()?.canonicalize().ok();
    one == other
        || one.file_name() == other.file_name()
            && folder(one).is_some_and(|it| Some(it) == folder(other))
}

/// Runs the chained hook and waits for it; its exit status.
pub fn run(run: &Run, hook: &Path) -> i32 {
    let ended = private::unshared(|| match command(run, hook).status() {
        // A script without a first line that names its interpreter (on Windows, any script): Git hands it
        // to the shell, too.
        Err(error) if is_format_error(&error) => through_shell(run, hook).status(),
        other => other,
    });
    match ended {
        Ok(status) => exit_status(status),
        Err(error) => cannot_run(run, hook, &error),
    }
}

/// Becomes the chained hook where the system can do that, or runs it; returns the status for Git.
pub fn hand_over(run: &Run, hook: &Path) -> i32 {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let error = private::unshared(|| match command(run, hook).exec() {
            error if is_format_error(&error) => through_shell(run, hook).exec(),
            error => error,
        });
        cannot_run(run, hook, &error)
    }
    #[cfg(not(unix))]
    self::run(run, hook)
}

fn command(run: &Run, hook: &Path) -> Command {
    with_environment(Command::new(hook), run, hook)
}

fn through_shell(run: &Run, hook: &Path) -> Command {
    let mut command = Command::new("sh");
    if cfg!(windows) && names_interpreter(hook) {
        // The shell alone knows there what that means.
        command.args(["-c", "exec \"$0\" \"$@\""]);
    }
    command.arg(hook);
    with_environment(command, run, hook)
}

/// Whether its first line names an interpreter.
fn names_interpreter(hook: &Path) -> bool {
    std::fs::read(hook).is_ok_and(|bytes| bytes.starts_with(b"#!"))
}

fn with_environment(mut command: Command, run: &Run, hook: &Path) -> Command {
    process::as_we_were_started(&mut command);
    command.args(&run.args).env(GUARD, hook).env_remove(HOOK).env_remove(GUARD_FOR);
    if let Some(git) = process::git() {
        command.env(GUARD_FOR, git.to_string());
    }
    command
}

/// "Exec format error": ENOEXEC on Unix, ERROR_BAD_EXE_FORMAT on Windows.
fn is_format_error(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(if cfg!(windows) { 193 } else { 8 })
}

fn cannot_run(run: &Run, hook: &Path, error: &std::io::Error) -> i32 {
    Term::of_hook(&Settings::default()).chained_hook_cannot_run(run.hook.name(), hook, error);
    // Git fails for a hook that it can't start, too.
    1
}

fn exit_status(status: std::process::ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal;
    }
    status.code().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_the_same_in_whatever_way_its_path_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let hook = dir.path().canonicalize().unwrap().join("pre-commit.before-bak");
        let detour = dir.path().join(".").join("..").join(dir.path().file_name().unwrap());
        assert!(is_same(&detour.join("pre-commit.before-bak"), &hook));
        assert!(!is_same(&detour.join("post-commit.before-bak"), &hook));
        assert!(!is_same(Path::new("/gone/pre-commit.before-bak"), &hook));
        assert!(!is_same(Path::new(""), &hook));
    }
}
