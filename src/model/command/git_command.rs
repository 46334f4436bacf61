//! A Git command line, as far as it tells what Git is about to do.

use super::words::Words;

/// Options of `git` itself whose value is a word of its own (git(1)).
const WITH_VALUE: [&[u8]; 7] =
    [b"-C", b"-c", b"--git-dir", b"--work-tree", b"--namespace", b"--config-env", b"--attr-source"];

/// Commands that bring into the index what Git has already, or that only refresh it. A commit stages,
/// too, with `-a`: its own hooks look after that.
const BRINGS_NO_WORK: [&[u8]; 27] = [
    b"am",
    b"bisect",
    b"blame",
    b"checkout",
    b"cherry-pick",
    b"clean",
    b"clone",
    b"commit",
    b"describe",
    b"diff",
    b"diff-files",
    b"diff-index",
    b"fetch",
    b"gc",
    b"merge",
    b"pull",
    b"read-tree",
    b"rebase",
    b"reset",
    b"restore",
    b"revert",
    b"sparse-checkout",
    b"status",
    b"submodule",
    b"switch",
    b"version",
    b"worktree",
];

/// Which of its commands Git was asked for: the first of its words that is neither an option nor an
/// option's value. `words` begins with the program, whose name may say it alone (`git-add`).
pub fn verb<'a>(words: &[&'a [u8]]) -> Option<&'a [u8]> {
    split(words).map(|(verb, _)| verb)
}

/// The folders that Git was told to go to first (`-C`), one after the other: its user is not in the last of them.
pub fn folders<'a>(words: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let mut found = Vec::new();
    let mut rest = words.get(1..).unwrap_or_default();
    loop {
        match rest {
            [b"-C", folder, more @ ..] => (found, rest) = ([found, vec![*folder]].concat(), more),
            [option, _, more @ ..] if WITH_VALUE.contains(option) => rest = more,
            [option, more @ ..] if option.starts_with(b"-") => rest = more,
            _ => return found,
        }
    }
}

/// The command that Git was asked for, and the words after it.
pub fn split<'a, 'b>(words: &'b [&'a [u8]]) -> Option<(&'a [u8], &'b [&'a [u8]])> {
    let (program, mut rest) = words.split_first()?;
    if let Some(verb) = name_of(program).strip_prefix(b"git-") {
        return Some((verb, rest));
    }
    loop {
        match rest {
            [option, _, more @ ..] if WITH_VALUE.contains(option) => rest = more,
            [option, more @ ..] if option.starts_with(b"-") => rest = more,
            [verb, more @ ..] => return Some((verb, more)),
            [] => return None,
        }
    }
}

/// Whether a program is Git itself, or one of its commands as a program of its own.
pub fn is_git(program: &[u8]) -> bool {
    let name = name_of(program);
    name == b"git" || name.starts_with(b"git-")
}

/// The name without folders, and without what Windows puts behind it.
fn name_of(program: &[u8]) -> &[u8] {
    let name = program.rsplit(|&byte| matches!(byte, b'/' | b'\\')).next().unwrap_or(program);
    name.strip_suffix(b".exe").unwrap_or(name)
}

/// Whether this command was told to be quiet. In what an alias stands for it can't be seen.
pub fn is_quiet(words: &[&[u8]]) -> bool {
    let Some((_, rest)) = split(words) else { return false };
    let rest: Vec<String> =
        rest.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let words = Words::of(&rest);
    words.is_there("--quiet") || words.has_letter('q', "aefinopsvz")
}

/// Whether this command may put into the index what neither HEAD nor another commit has. An alias may do
/// anything.
pub fn may_stage_work(words: &[&[u8]]) -> bool {
    split(words).is_none_or(|(verb, rest)| match verb {
        // What it puts away was there before.
        b"stash" => matches!(rest.first(), Some(&(b"pop" | b"apply" | b"branch"))),
        _ => !BRINGS_NO_WORK.contains(&verb),
    })
}

/// Whether this command writes single entries. It tells its hook that a sparse checkout may have changed,
/// whatever it did.
pub fn writes_entries(words: &[&[u8]]) -> bool {
    verb(words) == Some(b"update-index")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<&[u8]> {
        line.split_whitespace().map(str::as_bytes).collect()
    }

    fn verb_of(line: &str) -> Option<String> {
        verb(&words(line)).map(|verb| String::from_utf8_lossy(verb).into_owned())
    }

    #[test]
    fn the_verb_is_found_behind_gits_own_options() {
        for line in [
            "git add a",
            "/usr/bin/git -C dir -c x.y=z add a",
            "git --git-dir .git --work-tree=. -p --no-pager --exec-path=/x add",
            "/usr/lib/git-core/git-add -A",
            "C:\\Git\\git.exe --config-env a=B add",
            "git-add.exe",
        ] {
            assert_eq!(verb_of(line).as_deref(), Some("add"), "{line}");
        }
    }

    #[test]
    fn there_may_be_no_verb() {
        for line in ["", "git", "git --version", "git -C", "git -c x=y"] {
            assert_eq!(verb_of(line).filter(|verb| verb != "x=y"), None, "{line}");
        }
    }

    #[test]
    fn what_comes_from_history_or_is_only_refreshed_is_no_work() {
        for line in [
            "git status",
            "git -C x checkout HEAD~1 -- f",
            "git restore --staged f",
            "git stash",
            "git stash push pop",
        ] {
            assert!(!may_stage_work(&words(line)), "{line}");
        }
        for line in [
            "git add f",
            "git apply --cached",
            "git apply --index p",
            "git stash pop",
            "git stash apply stash@{1}",
            "git my-alias",
            "git mv a b",
            "git",
        ] {
            assert!(may_stage_work(&words(line)), "{line}");
        }
        assert!(writes_entries(&words("git update-index --add f")));
    }

    #[test]
    fn quiet_is_what_somebody_asked_to_be() {
        for line in ["commit -qam x", "commit -m x --quiet", "-C x commit -aqm x", "switch -q b"] {
            assert!(is_quiet(&words(&format!("git {line}"))), "{line}");
        }
        for line in ["commit -am q", "commit -mq", "commit -m x -- -q", "commit -F quiet", ""] {
            assert!(!is_quiet(&words(&format!("git {line}"))), "{line}");
        }
    }

    #[test]
    fn the_list_is_in_order() {
        assert!(BRINGS_NO_WORK.is_sorted());
    }
}
