//! `core.fsmonitor`: the program that Git asks before it looks at the working tree's files, and so before
//! it overwrites or deletes them (githooks(5), "fsmonitor-watchman").
//!
//! The value is a line for the shell rather than a path: the answer is always the same ('anything may have changed':
//! Git then looks at all files itself, as without it), so the line gives it, whatever the program prints or dies of.
//! One stray byte there would hide edits from a commit. Values of others stay, and where one of them counts ours isn't
//! set.
//!
//! Where that value is `true`, for Git's own daemon, ours comes behind it, and the program passes the daemon's answer
//! on, in one write or not at all. The line gives its own unless the program's status says that it has answered: behind
//! a whole answer that only names more.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Result, bail};

use super::section::Section;
use crate::git::command::Git;
use crate::model::hook::shim::{single_quoted, unquoted};
use crate::model::settings::git_value::parse_bool;
use crate::os::platform::path_from_bytes;

const PROGRAM: &str = "core.fsmonitor";
/// Without it, Git asks a program that fails once more, in an older language.
const VERSION: &str = "core.fsmonitorHookVersion";
/// What stands before the program in our value.
const BEFORE: &[u8] = b"b=";
/// What stands at its end. Git adds arguments there, so a word that takes them has to be the last.
const ANSWER: &str = "; printf 'git-bak\\0/\\0'; :";

/// What Git is asked for most, in exactly these words, takes no work, and needs no program to be started. `read` leaves
/// out the NULs between the words, or in some shells doesn't; where there is no such file, nothing is left out either.
/// An alias whose name and argument, joined, read the same would be taken for it. Nor does it take one for our own
/// children.
const COMMON: &str = "c=; { read -r c </proc/$PPID/cmdline; } 2>/dev/null; \
                      case $c in gitstatus | gitstatus-s | gitstatus--porcelain | gitdiff | gitadd. | gitadd-A) b= ;; \
                      esac; [ ! \"$GIT_BAK_NO_GUARD\" ] || b=; ";

/// What stands behind the program. One that is gone is passed over in silence: Git asks many times a day.
fn after(passes_on: bool) -> String {
    let (harmless, token, ending) = match passes_on {
        true => ("", r#"--since "$2""#, "[ $s != 12 ] || exit 0; "),
        false => (COMMON, ">/dev/null", ""),
    };
    format!(
        "; [ -x \"$b\" ] || b=$(command -v git-bak) || b=; {harmless}if [ \"$b\" ]; then \"$b\" guard --script $PPID {token}; \
         s=$?; {ending}[ $s = 10 ] || echo \"git-bak x the guard ended with status $s, and what Git overwrites now \
         is not protected: git bak doctor\" >&2; fi{ANSWER}"
    )
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Monitor {
    /// Nothing, or Git is told to do without.
    None,
    Guard {
        /// The program that it starts, as a shell knows it; one of the `PATH` stands in for it if it is gone.
        program: Vec<u8>,
    },
    Other {
        value: String,
        /// Where it stands: `file:.git/config`.
        origin: String,
    },
}

impl Monitor {
    pub fn is_guard(&self) -> bool {
        matches!(self, Self::Guard { .. })
    }
}

/// What counts in this working tree.
pub fn read(git: &Git) -> Result<Monitor> {
    let answer = git.start(["config", "-z", "--show-origin", "--get-all", PROGRAM])?.finish()?;
    match answer.status {
        Some(0) => Ok(monitor(&answer.stdout)),
        Some(1) => Ok(Monitor::None),
        _ => bail!("{PROGRAM} can't be read: {}", answer.reason()),
    }
}

/// The last value of `git config -z --show-origin --get-all`.
fn monitor(text: &[u8]) -> Monitor {
    let fields: Vec<&[u8]> = text.split(|&byte| byte == 0).collect();
    let (entries, _) = fields.as_chunks::<2>();
    entries.last().map_or(Monitor::None, |[origin, value]| parse(value, origin))
}

fn parse(value: &[u8], origin: &[u8]) -> Monitor {
    if is_ours(value) {
        return Monitor::Guard { program: program(value).unwrap_or_default() };
    }
    if value.is_empty() || parse_bool(Some(&String::from_utf8_lossy(value))) == Some(false) {
        return Monitor::None;
    }
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Monitor::Other { value: text(value), origin: text(origin) }
}

/// Whether git-bak wrote it, even if it was edited since.
fn is_ours(value: &[u8]) -> bool {
    value.ends_with(ANSWER.as_bytes())
}

/// The program in a value of ours, if it was not edited.
fn program(value: &[u8]) -> Option<Vec<u8>> {
    let rest = value.strip_prefix(BEFORE)?;
    let strip = |passes_on| rest.strip_suffix(after(passes_on).as_bytes());
    unquoted(strip(false).or_else(|| strip(true))?)
}

/// Our value, for a program at this path (as a shell knows it), which passes on what Git's own daemon answers, or not.
pub fn line(program: &[u8], passes_on: bool) -> Vec<u8> {
    [BEFORE, &single_quoted(program)[..], after(passes_on).as_bytes()].concat()
}

/// Whether this value, set by the user, is for Git's own daemon, and Git has one.
pub fn is_daemon(git: &Git, value: &str) -> Result<bool> {
    let asked = || git.start(["fsmonitor--daemon", "status"])?.finish();
    Ok(parse_bool(Some(value)) == Some(true) && matches!(asked()?.status, Some(0 | 1)))
}

/// Whether Git's own daemon is what it would ask without us.
fn has_daemon(git: &Git) -> Result<bool> {
    let answer = git.start(["config", "-z", "--get-all", PROGRAM])?.finish()?;
    let mut values = answer.stdout.split(|&byte| byte == 0).filter(|it| !it.is_empty());
    let last = values.rfind(|value| !is_ours(value));
    Ok(last.is_some_and(|value| parse_bool(str::from_utf8(value).ok()) == Some(true)))
}

/// Where the settings are that we write.
#[derive(Debug, Clone, Copy)]
pub enum ConfigPlace<'a> {
    /// The repository's own, which all its working trees share.
    Repository,
    /// The user's own, for every repository.
    Global,
    File(&'a Path),
}

/// The same as lines of ours at the top of the user's own settings.
pub fn section(program: &[u8]) -> Section {
    let entries =
        vec![("fsmonitor", line(program, false)), ("fsmonitorHookVersion", b"2".to_vec())];
    Section { header: "core".to_owned(), entries }
}

/// A value in the user's own settings that isn't ours: it stands behind ours, and would count.
pub fn other_for_all(git: &Git) -> Result<Option<String>> {
    let mut values = values(git, ConfigPlace::Global, PROGRAM)?;
    values.retain(|value| !is_ours(value));
    Ok(values.pop().map(|value| String::from_utf8_lossy(&value).into_owned()))
}

/// Whether ours stands in the repository's own settings.
pub fn is_own(git: &Git) -> Result<bool> {
    Ok(values(git, ConfigPlace::Repository, PROGRAM)?.iter().any(|value| is_ours(value)))
}

/// Makes `program` (a path as a shell knows it) the one that Git asks, besides the values that are there.
pub fn set(git: &Git, place: ConfigPlace<'_>, program: &[u8]) -> Result<()> {
    let passes_on = !matches!(place, ConfigPlace::File(_)) && has_daemon(git)?;
    let value = line(program, passes_on);
    let there = values(git, place, PROGRAM)?;
    if there.last() != Some(&value) {
        unset(git, place)?;
        let mut add = args(place, &["--add", PROGRAM]);
        add.push(path_from_bytes(&value).into_os_string());
        git.output(add)?;
    }
    if values(git, place, VERSION)?.last().is_none_or(|last| last != b"2") {
        git.output(args(place, &["--add", VERSION, "2"]))?;
    }
    Ok(())
}

/// Takes our values out; whether there were any.
pub fn remove(git: &Git, place: ConfigPlace<'_>) -> Result<bool> {
    if let ConfigPlace::File(file) = place
        && !file.exists()
    {
        return Ok(false);
    }
    if !unset(git, place)? {
        return Ok(false);
    }
    // With another program it is not ours.
    let is_none = |value: &Vec<u8>| parse_bool(str::from_utf8(value).ok()).is_some();
    let versions = values(git, place, VERSION)?;
    if values(git, place, PROGRAM)?.iter().all(is_none)
        && versions.iter().any(|value| value == b"2")
    {
        git.output(args(place, &["--unset-all", VERSION, "^2$"]))?;
    }
    Ok(true)
}

fn unset(git: &Git, place: ConfigPlace<'_>) -> Result<bool> {
    let mut ours = values(git, place, PROGRAM)?;
    ours.retain(|value| is_ours(value));
    ours.sort();
    ours.dedup();
    for value in &ours {
        let mut unset = args(place, &["--fixed-value", "--unset-all", PROGRAM]);
        unset.push(path_from_bytes(value).into_os_string());
        git.output(unset)?;
    }
    Ok(!ours.is_empty())
}

fn values(git: &Git, place: ConfigPlace<'_>, key: &str) -> Result<Vec<Vec<u8>>> {
    let answer = git.start(args(place, &["-z", "--get-all", key]))?.finish()?;
    match answer.status {
        Some(0) => {
            let text = answer.stdout.strip_suffix(b"\0").unwrap_or(&answer.stdout);
            Ok(text.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect())
        }
        Some(1) => Ok(Vec::new()),
        _ => bail!("{key} can't be read: {}", answer.reason()),
    }
}

fn args(place: ConfigPlace<'_>, rest: &[&str]) -> Vec<OsString> {
    let place: Vec<OsString> = match place {
        ConfigPlace::Repository => vec!["--local".into()],
        ConfigPlace::Global => vec!["--global".into()],
        ConfigPlace::File(file) => vec!["--file".into(), file.into()],
    };
    let rest = rest.iter().map(OsString::from);
    [OsString::from("config")].into_iter().chain(place).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts_and_one_that_says_no_is_none() {
        let others = |value: &str| monitor(format!("file:a\0x\0file:b\0{value}\0").as_bytes());
        let [ours, _] = [false, true].map(|passes_on| {
            let ours = String::from_utf8(line(b"/it's here", passes_on)).unwrap();
            assert_eq!(others(&ours), Monitor::Guard { program: b"/it's here".to_vec() });
            ours
        });
        let edited = others(&ours.replace("[ -x", "[ -f"));
        assert_eq!(edited, Monitor::Guard { program: Vec::new() });
        for none in ["", "false", "no", "0", "off"] {
            assert_eq!(others(none), Monitor::None, "{none}");
        }
        for (value, origin) in [("true", "file:b"), (".git/hooks/query-watchman", "file:b")] {
            let (value, origin) = (value.to_owned(), origin.to_owned());
            assert_eq!(others(&value), Monitor::Other { value, origin });
        }
    }
}
