//! What can be told of a user's hook from its text.
//!
//! A chained hook runs under another name than before, in the same folder. A hook that finds its work
//! by its own name then finds none, and is silent about it (husky's `h` looks for `.husky/$(basename
//! "$0")` and exits 0 if that is missing). Such a hook must not be chained. In doubt it isn't: a hook
//! that is refused gets a line to add, a hook that is off in silence is a loss.

/// The ways in which scripts name the file they are in, each as far as it is always the same.
const SELF: [&str; 11] = [
    "$0",
    "${0",
    "BASH_SOURCE",
    "argv[0]",
    "process.argv[1]",
    "$PROGRAM_NAME",
    "__FILE__",
    "__file__",
    "__filename",
    "import.meta",
    "$MyInvocation",
];

/// What may stand between `dirname` and the script's name: quotes, brackets, and calls that make a
/// path absolute.
const WRAPPERS: [&str; 20] = [
    " ",
    "\"",
    "'",
    "(",
    "$(",
    "`",
    "$",
    "{",
    "--",
    "-f",
    "-e",
    "-m",
    "readlink",
    "realpath",
    "abspath",
    "os.path.",
    "path.",
    "File.",
    "sys.",
    "expand_path",
];

/// Whether this hook may do something else under another name: it uses its own name for more than to
/// find its folder, or hands it on to a file that it reads from there.
pub fn finds_itself_by_name(script: &[u8]) -> bool {
    if script.iter().take(8192).any(|&b| b == 0) {
        return false;
    }
    let text = String::from_utf8_lossy(script);
    let lines = || commands(&text).filter(|line| !only_says(line));
    let folders: Vec<&str> = lines().filter(|l| names_itself(l)).filter_map(assigned).collect();
    lines().any(|line| {
        uses_its_name(line)
            || reads_in(line) && (names_itself(line) || folders.iter().any(|v| expands(line, v)))
    })
}

/// Whether this hook runs git-bak already, by a line that was added to it.
pub fn runs_git_bak(script: &[u8], hook: &str) -> bool {
    let text = String::from_utf8_lossy(script);
    let calls =
        ["git-bak", "git-bak.exe", "git bak"].map(|program| format!("{program} hook {hook} "));
    commands(&text).filter(|line| !only_says(line)).any(|line| {
        // The program may stand there with its path, in quotes; elsewhere than in a shell, in a list.
        let words = line.replace(['\'', '"', ',', '(', ')', ';'], " ");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ") + " ";
        calls.iter().any(|call| words.contains(call))
    })
}

/// Whether a line of shell can be added to this hook.
pub fn is_shell(script: &[u8]) -> bool {
    let first = script.split(|&b| b == b'\n').next().unwrap_or_default();
    !first.starts_with(b"#!") || first.windows(2).any(|pair| pair == b"sh")
}

fn commands(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with('#'))
}

/// Whether the line just prints something: its own name in a message does no harm.
fn only_says(line: &str) -> bool {
    let line = line.trim_start();
    let says = line.starts_with("echo ") || line.starts_with("printf ");
    says && !line.replace(">&2", "").contains(['|', '`', '>', ';', '&', '(', '{'])
}

/// Every place in the line where the script names itself: what is before and what is after.
fn self_uses(line: &str) -> impl Iterator<Item = (&str, &str)> {
    SELF.iter().flat_map(move |name| {
        line.match_indices(name).map(move |(at, name)| (&line[..at], &line[at + name.len()..]))
    })
}

fn names_itself(line: &str) -> bool {
    self_uses(line).next().is_some()
}

fn uses_its_name(line: &str) -> bool {
    self_uses(line).any(|(before, after)| !is_folder_only(before, after) && !is_awk(line, before))
}

/// Whether just the folder is taken of the script's name here: `dirname "$0"`, `${0%/*}`,
/// `os.path.dirname(os.path.abspath(__file__))`, `Path(__file__).resolve().parent`.
fn is_folder_only(before: &str, after: &str) -> bool {
    let after = after.strip_prefix("[0]").unwrap_or(after);
    let parents = [").parent", ").resolve().parent", ").absolute().parent"];
    if after.starts_with("%/*}") || parents.iter().any(|parent| after.starts_with(parent)) {
        return true;
    }
    let mut before = before;
    while let Some(shorter) = WRAPPERS.iter().find_map(|wrapper| before.strip_suffix(wrapper)) {
        before = shorter;
    }
    // Another expansion than the plain one takes something else out of it: `${0##*/}`.
    before.ends_with("dirname") && !after.starts_with(['#', '%', '/', ':'])
}

/// In awk `$0` is the line it is at. Inside single quotes the shell leaves it to awk.
fn is_awk(line: &str, before: &str) -> bool {
    line.contains("awk") && before.matches('\'').count() % 2 == 1
}

/// The variable that the line assigns to.
fn assigned(line: &str) -> Option<&str> {
    let (left, _) = line.split_once('=')?;
    let name = left.split_whitespace().next_back()?;
    name.chars().all(|c| c.is_alphanumeric() || c == '_').then_some(name)
}

fn expands(line: &str, variable: &str) -> bool {
    line.contains(&format!("${variable}")) || line.contains(&format!("${{{variable}"))
}

/// Whether the line reads another script into this one, with `.` or `source` where a command stands.
fn reads_in(line: &str) -> bool {
    let mut before = ";";
    for word in line.split_whitespace() {
        let is_first = before.ends_with([';', '&', '|', '{', '(', '!', ')'])
            || ["then", "do", "else"].contains(&before);
        if is_first && matches!(word.trim_start_matches('('), "." | "source" | "\\.") {
            return true;
        }
        before = word;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_name(script: &str) -> bool {
        finds_itself_by_name(script.as_bytes())
    }

    const PRE_COMMIT_FRAMEWORK: &str = r#"#!/usr/bin/env bash
# File generated by pre-commit: https://pre-commit.com
# ID: 138fd403232d2ddd5efb44317e38bf03

# start templated
INSTALL_PYTHON=/usr/bin/python3
ARGS=(hook-impl --config=.pre-commit-config.yaml --hook-type=pre-commit)
# end templated

HERE="$(cd "$(dirname "$0")" && pwd)"
ARGS+=(--hook-dir "$HERE" -- "$@")

if [ -x "$INSTALL_PYTHON" ]; then
    exec "$INSTALL_PYTHON" -mpre_commit "${ARGS[@]}"
elif command -v pre-commit > /dev/null; then
    exec pre-commit "${ARGS[@]}"
else
    echo '`pre-commit` not found.  Did you forget to activate your virtualenv?' 1>&2
    exit 1
fi
"#;

    const GIT_LFS: &str = r#"#!/bin/sh
command -v git-lfs >/dev/null 2>&1 || { printf >&2 "\n%s\n\n" "This repository is configured for Git LFS but 'git-lfs' was not found on your path. If you no longer wish to use Git LFS, remove this hook by deleting the 'post-commit' file in the hooks directory (set by 'core.hookspath'; usually '.git/hooks')."; exit 2; }
git lfs post-commit "$@"
"#;

    const LEFTHOOK: &str = r#"#!/bin/sh

if [ "$LEFTHOOK_VERBOSE" = "1" -o "$LEFTHOOK_VERBOSE" = "true" ]; then
  set -x
fi

if [ "$LEFTHOOK" = "0" ]; then
  exit 0
fi

call_lefthook()
{
  if test -n "$LEFTHOOK_BIN"
  then
    "$LEFTHOOK_BIN" "$@"
  elif lefthook -h >/dev/null 2>&1
  then
    lefthook "$@"
  else
    dir="$(git rev-parse --show-toplevel)"
    osArch=$(uname | tr '[:upper:]' '[:lower:]')
    cpuArch=$(uname -m | sed 's/aarch64/arm64/;s/x86_64/x64/')
    if test -f "$dir/node_modules/lefthook-${osArch}-${cpuArch}/bin/lefthook"
    then
      "$dir/node_modules/lefthook-${osArch}-${cpuArch}/bin/lefthook" "$@"
    elif bundle exec lefthook -h >/dev/null 2>&1
    then
      bundle exec lefthook "$@"
    else
      echo "Can't find lefthook in PATH"
    fi
  fi
}

call_lefthook run "pre-commit" "$@"
"#;

    #[test]
    fn managers_that_name_their_hook_may_be_chained() {
        for script in [PRE_COMMIT_FRAMEWORK, GIT_LFS, LEFTHOOK] {
            assert!(!by_name(script), "{script}");
        }
    }

    #[test]
    fn managers_that_go_by_the_name_of_the_file_may_not() {
        let husky_9 = "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"";
        let husky_8 = "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n\nnpm test\n";
        let overcommit = "#!/usr/bin/env ruby\n\n# Entrypoint for Overcommit hook integration.\n\
            if ENV['OVERCOMMIT_DISABLE'].to_i != 0\n  exit\nend\n\nhook_type = File.basename($0)\n";
        let dispatcher =
            "#!/bin/sh\nexec \"$(dirname \"$0\")/../hooks.d/$(basename \"$0\")\" \"$@\"\n";
        for script in [husky_9, husky_8, overcommit, dispatcher] {
            assert!(by_name(script), "{script}");
        }
    }

    #[test]
    fn the_name_itself_in_any_language_is_refused() {
        for line in [
            "name=${0##*/}",
            "name=$(basename -- \"$0\")",
            "exec hooks \"$(dirname \"$(basename \"$0\")\")\"",
            "case $0 in *commit) ;; esac",
            "hook=\"${BASH_SOURCE[0]##*/}\"",
            "me=$(readlink -f \"$0\")",
            "name = os.path.basename(__file__)",
            "name = os.path.basename(sys.argv[0])",
            "const name = path.basename(__filename)",
            "const name = process.argv[1]",
            "run $PROGRAM_NAME",
            "x=$(dirname \"${0##*/}\")",
        ] {
            assert!(by_name(line), "{line}");
        }
    }

    #[test]
    fn the_folder_alone_is_no_name() {
        for line in [
            "cd \"$(dirname \"$0\")\"",
            "cd \"$(dirname -- \"${0}\")\" || exit",
            "cd `dirname $0`",
            "cd \"${0%/*}\"",
            "dir=$(cd -- \"$(dirname -- \"${BASH_SOURCE[0]}\")\" && pwd)",
            "dir=\"${BASH_SOURCE[0]%/*}\"",
            "dir=$(dirname \"$(readlink -f \"$0\")\")",
            "require 'x' if File.dirname(__FILE__)",
            "here = os.path.dirname(os.path.abspath(__file__))",
            "here = Path(__file__).resolve().parent",
            "const here = path.dirname(__filename)",
            "exec \"$(dirname \"$0\")/../../tools/check\" \"$@\"",
        ] {
            assert!(!by_name(line), "{line}");
        }
    }

    #[test]
    fn a_file_read_in_from_there_sees_the_name_too() {
        assert!(by_name("here=$(dirname \"$0\")\n. \"$here/common.sh\"\n"));
        assert!(by_name("cd \"$(dirname \"$0\")\"; . \"${0%/*}/x\""));
        assert!(by_name("if true; then source \"${0%/*}/x\"; fi"));
        assert!(!by_name("here=$(dirname \"$0\")\n. ~/.nvm/nvm.sh\n\"$here/check\"\n"));
        assert!(!by_name("git -C \"$(dirname \"$0\")\" add .\n"));
    }

    #[test]
    fn comments_awk_and_binaries_do_not_count() {
        assert!(!by_name("# $0 is the hook\n  # basename \"$0\"\ntrue\n"));
        assert!(!by_name("git diff --cached --stat | awk '{print $0}'\n"));
        assert!(by_name("awk '{print $1}' x; basename \"$0\"\n"));
        assert!(!finds_itself_by_name(b"\x7fELF\0\0$0 argv[0]"));
        assert!(!finds_itself_by_name(b""));
    }

    #[test]
    fn a_name_that_is_only_printed_does_no_harm() {
        assert!(!by_name("echo \"$0: failed\" >&2\n  printf '%s' $0\n"));
        assert!(by_name("echo \"$0\" | xargs basename\n"));
        assert!(by_name("echo \"$(basename \"$0\")\"\n"));
        assert!(by_name("echo $0 >name\n"));
        assert!(by_name("echo checking; exec \"$0.d\"\n"));
        assert!(by_name("echo \"${0##*/}\"\n"));
    }

    #[test]
    fn only_a_shell_takes_a_line_of_shell() {
        for script in ["", "true\n", "#!/bin/sh\n", "#!/usr/bin/env bash\n", "#! /bin/zsh -e\n"] {
            assert!(is_shell(script.as_bytes()), "{script}");
        }
        for script in ["#!/usr/bin/env ruby\n# sh\n", "#!/usr/bin/python3\n"] {
            assert!(!is_shell(script.as_bytes()), "{script}");
        }
    }

    #[test]
    fn a_hook_with_our_line_in_it_is_recognised() {
        for line in [
            "git-bak hook pre-commit \"$@\" || exit $?",
            "'/my bin/git-bak' hook pre-commit \"$@\"",
            "git bak hook pre-commit \"$@\"",
            "system('/my bin/git-bak', 'hook', 'pre-commit', *ARGV) or exit 1",
            "git-bak.exe hook pre-commit",
        ] {
            assert!(runs_git_bak(line.as_bytes(), "pre-commit"), "{line}");
            assert!(!runs_git_bak(line.as_bytes(), "post-commit"), "{line}");
            assert!(!runs_git_bak(format!("# {line}").as_bytes(), "pre-commit"), "{line}");
            assert!(!runs_git_bak(
                format!("echo {line}").replace(['|', '(', '$'], "").as_bytes(),
                "pre-commit"
            ));
        }
    }
}
