//! What a Git command may do to files that aren't committed, told from its words alone.
//!
//! Only commands that are certain to overwrite and delete nothing are harmless; every word that isn't
//! known here counts as the worst. Git reads the index in all of them, and asks its `core.fsmonitor` program.

use super::git_command;
use crate::model::command::words::Words;

/// What a command may overwrite or delete.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Danger {
    /// The command's own word (`reset`); empty if it isn't known.
    pub verb: String,
    /// Edits of tracked files, staged or not.
    pub edits: bool,
    pub untracked: Untracked,
    /// What it will write out: files that aren't tracked may stand in the way of these trees.
    pub trees: Vec<Vec<u8>>,
    /// Whether anything is lost by it.
    pub loss: Loss,
}

/// Which of the files that Git doesn't track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Untracked {
    #[default]
    None,
    Plain,
    Ignored,
    All,
}

/// Whether the command loses what it overwrites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Loss {
    /// Usually nothing: Git refuses, carries edits over, or keeps them itself.
    #[default]
    Unlikely,
    /// Yes; post-checkout names the files afterwards.
    NamedAfterwards,
    /// Yes, and nothing else will say so.
    Silent,
}

/// Commands that leave the working tree's files, and what is staged, as they are.
const HARMLESS: &str = "\
    add annotate archive blame branch bundle cat-file check-attr check-ignore clone \
    commit commit-tree config describe diff diff-files diff-index diff-tree difftool \
    fast-export fetch for-each-ref format-patch fsck fsmonitor--daemon gc grep \
    hash-object help init log ls-files ls-remote ls-tree maintenance merge-base name-rev \
    notes pack-objects prune push range-diff reflog remote repack rev-list rev-parse \
    shortlog show show-ref stage status tag update-index var whatchanged write-tree";

/// The danger of a command that isn't known.
pub fn unknown() -> Danger {
    Danger { edits: true, untracked: Untracked::Plain, ..Danger::default() }
}

/// The danger of the command with these words, the program's name the first; `None` if it is harmless.
pub fn of(words: &[Vec<u8>]) -> Option<Danger> {
    let Some((verb, rest)) = split(words) else { return Some(unknown()) };
    if HARMLESS.split(' ').any(|word| word == verb) {
        return None;
    }
    of_verb(&verb, &Words::of(&rest)).map(|danger| Danger { verb, ..danger })
}

/// Whether the command with these words makes a commit of what is there now, and runs the hooks for it: not one that
/// only shows what it would do, nor one that takes its time first because the user picks parts.
pub fn is_commit(words: &[Vec<u8>]) -> bool {
    const LETTERS: &str = "aeinopqsvz";
    let Some((verb, rest)) = split(words) else { return false };
    let words = Words::of(&rest);
    let shows = ["--dry-run", "--short", "--porcelain", "--long", "--null", "--help"];
    let picks = ["--patch", "--interactive"];
    verb == "commit"
        && !shows.iter().chain(&picks).any(|option| words.has(option))
        && !"hpz".chars().any(|letter| words.has_letter(letter, LETTERS))
}

/// The command's own word (`reset`) among the words of a process; `None` if it is no Git command.
pub fn verb(words: &[Vec<u8>]) -> Option<String> {
    split(words).map(|(verb, _)| verb)
}

/// The command as the record has it: its own word, and only options that can't hold any words of the user's.
pub fn shown(words: &[Vec<u8>]) -> Option<String> {
    let (verb, rest) = split(words)?;
    let is_plain = |word: &&String| match word.strip_prefix("--") {
        Some(long) => !long.is_empty() && !long.contains('='),
        None => word.strip_prefix('-').is_some_and(|letters| {
            !letters.is_empty() && letters.chars().all(|letter| "fdxXqrSW".contains(letter))
        }),
    };
    let options = rest.iter().take_while(|word| *word != "--").filter(is_plain);
    Some([&verb].into_iter().chain(options).map(String::as_str).collect::<Vec<_>>().join(" "))
}

/// The command's own word, and those after it.
fn split(words: &[Vec<u8>]) -> Option<(String, Vec<String>)> {
    let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    let (verb, rest) = git_command::split(&words).filter(|_| git_command::is_git(words[0]))?;
    let text = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    Some((text(verb), rest.iter().map(|word| text(word)).collect()))
}

fn of_verb(verb: &str, words: &Words<'_>) -> Option<Danger> {
    let edits = Danger { edits: true, ..Danger::default() };
    match verb {
        "reset" => reset(words),
        "checkout" => {
            let forced = words.has("--force") || words.has_letter('f', "qflmptd23");
            // In a conflict post-checkout can't tell an edit from what the conflict has left.
            let one_side = words.has("--ours") || words.has("--theirs") || words.has("--merge");
            let loss = if forced || one_side { Loss::Silent } else { Loss::NamedAfterwards };
            Some(Danger { trees: words.tree(), loss, ..edits })
        }
        "switch" => {
            let forced = words.has("--force")
                || words.has("--discard-changes")
                || words.has_letter('f', "qfmtd");
            Some(Danger { trees: words.tree(), loss: silent_if(forced), ..edits })
        }
        "restore" => {
            let trees = words.values("--source", 's').into_iter().collect();
            Some(Danger { trees, loss: Loss::NamedAfterwards, ..edits })
        }
        "clean" => clean(words),
        // Without it, Git refuses to remove what is edited.
        "rm" => (words.has("--force") || words.has_letter('f', "fnrq"))
            .then_some(Danger { loss: silent_if(!words.has("--cached")), ..edits }),
        "mv" => (words.has("--force") || words.has_letter('f', "fnkv"))
            .then_some(Danger { untracked: Untracked::Plain, ..edits }),
        "stash" => stash(words),
        "merge" | "rebase" | "cherry-pick" | "revert" | "am" => {
            let gives_up = words.has("--abort") || words.has("--skip");
            let mut trees = words.operands();
            if trees.is_empty() && verb == "rebase" {
                trees.push(b"@{upstream}".to_vec());
            }
            Some(Danger { trees, loss: silent_if(gives_up), ..edits })
        }
        "read-tree" => Some(Danger { trees: words.operands(), ..edits }),
        "pull" | "bisect" | "checkout-index" | "apply" | "submodule" | "worktree" => Some(edits),
        "sparse-checkout" => Some(Danger { untracked: Untracked::All, ..edits }),
        _ => Some(unknown()),
    }
}

fn silent_if(loses: bool) -> Loss {
    if loses { Loss::Silent } else { Loss::Unlikely }
}

fn reset(words: &Words<'_>) -> Option<Danger> {
    if words.is_there("--soft") {
        return None;
    }
    let overwrites = ["--hard", "--merge", "--keep"].iter().any(|mode| words.has(mode));
    let mut trees = if overwrites { words.tree() } else { Vec::new() };
    if overwrites && trees.is_empty() {
        trees.push(b"HEAD".to_vec());
    }
    Some(Danger { edits: true, trees, loss: silent_if(overwrites), ..Danger::default() })
}

fn clean(words: &Words<'_>) -> Option<Danger> {
    const LETTERS: &str = "dfiqnxX";
    if words.is_there("--dry-run") || words.has_letter('n', LETTERS) {
        return None;
    }
    let untracked = if words.has_letter('X', LETTERS) {
        Untracked::Ignored
    } else if words.has_letter('x', LETTERS) {
        Untracked::All
    } else {
        Untracked::Plain
    };
    Some(Danger { untracked, loss: Loss::Silent, ..Danger::default() })
}

fn stash(words: &Words<'_>) -> Option<Danger> {
    const LETTERS: &str = "pSkqua";
    if words.all.first().is_some_and(|word| {
        ["list", "show", "create", "store", "drop", "clear", "branch"].contains(&word.as_str())
    }) {
        return None;
    }
    let untracked = if words.has("--all") || words.has_letter('a', LETTERS) {
        Untracked::All
    } else if words.has("--include-untracked") || words.has_letter('u', LETTERS) {
        Untracked::Plain
    } else {
        Untracked::None
    };
    Some(Danger { edits: true, untracked, ..Danger::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn danger(line: &str) -> Option<Danger> {
        of(&words(line))
    }

    fn words(line: &str) -> Vec<Vec<u8>> {
        line.split(' ').map(|word| word.as_bytes().to_vec()).collect()
    }

    #[test]
    fn what_changes_no_file_is_harmless_however_git_is_called() {
        for line in [
            "git status",
            "/usr/bin/git -c a.b=reset -C clean --git-dir reset --work-tree=x status --short",
            "/usr/lib/git-core/git-diff HEAD",
            "git --no-pager log -p",
            r"C:\git\bin\git.exe add .",
            "git commit -m reset",
            "git reset --soft HEAD~",
            "git clean -nd",
            "git clean --dry-run",
            "git stash list",
            "git rm a.txt",
            "git rm -r a",
            "git mv a b",
        ] {
            assert_eq!(danger(line), None, "{line}");
        }
    }

    #[test]
    fn what_makes_a_commit_is_told_from_what_shows_or_picks_one() {
        for (line, expected) in [
            ("git commit", true),
            ("git -C x commit -am p --no-verify", true),
            ("git commit -- -p --dry-run", true),
            // Too careful: the hook takes its snapshot.
            ("git commit -m -p", false),
            ("git commit --dry-run", false),
            ("git commit --porce", false),
            ("git commit -vp", false),
            ("git commit -z", false),
            ("git commit --interactive", false),
            ("git status", false),
        ] {
            assert_eq!(is_commit(&words(line)), expected, "{line}");
        }
    }

    #[test]
    fn what_throws_edits_away_is_known_by_its_verb_and_options() {
        for (line, verb) in [
            ("git reset --hard", "reset"),
            ("git -c x.y=z -C dir reset --hard", "reset"),
            ("git --git-dir=/x/.git --work-tree /x reset --har", "reset"),
            ("/usr/lib/git-core/git-reset --hard", "reset"),
            ("git reset -q --merge X", "reset"),
            ("git checkout -qf main", "checkout"),
            ("git checkout --theirs a.txt", "checkout"),
            ("git switch --discard-changes main", "switch"),
            ("git rm -rf .", "rm"),
            ("git merge --abort", "merge"),
            ("git rebase --skip", "rebase"),
            ("git am --abort", "am"),
        ] {
            let found = danger(line).unwrap_or_else(|| panic!("{line}"));
            let seen = (found.verb.as_str(), found.edits, found.loss);
            assert_eq!(seen, (verb, true, Loss::Silent), "{line}");
        }
    }

    #[test]
    fn a_value_or_a_file_is_no_option() {
        for line in ["git checkout -bfix", "git checkout -- -f", "git checkout -b f"] {
            assert_eq!(danger(line).unwrap().loss, Loss::NamedAfterwards, "{line}");
        }
        assert_eq!(danger("git rm -- --force"), None);
    }

    #[test]
    fn clean_takes_what_its_options_say() {
        for (line, untracked) in [
            ("git clean -f", Untracked::Plain),
            ("git clean -fdx", Untracked::All),
            ("git clean -fdX", Untracked::Ignored),
            ("git clean -f -e *.x", Untracked::Plain),
        ] {
            let found = danger(line).unwrap();
            assert_eq!((found.untracked, found.edits), (untracked, false), "{line}");
        }
    }

    #[test]
    fn the_trees_that_will_be_written_out_are_named() {
        for (line, tree) in [
            ("git reset --hard", "HEAD"),
            ("git reset --hard X~2", "X~2"),
            ("git checkout -", "@{-1}"),
            ("git checkout X -- f", "X"),
            ("git restore --source=X f", "X"),
            ("git restore -s X f", "X"),
            ("git restore -sX f", "X"),
            ("git cherry-pick a..b", "b"),
            ("git cherry-pick a...", "HEAD"),
            ("git rebase", "@{upstream}"),
        ] {
            let trees = danger(line).unwrap().trees;
            assert_eq!(trees, [tree.as_bytes().to_vec()], "{line}");
        }
        assert!(danger("git restore f").unwrap().trees.is_empty());
    }

    #[test]
    fn no_value_is_shown_nor_a_file() {
        for (line, wanted) in [
            ("git -C x reset -q --hard HEAD~1", "reset -q --hard"),
            ("git clean -fdx -e secret -- -f", "clean -fdx"),
            ("git stash push -msecret --message=secret -m secret a", "stash"),
            ("git checkout - a", "checkout"),
        ] {
            assert_eq!(shown(&words(line)).as_deref(), Some(wanted), "{line}");
        }
        assert_eq!(shown(&words("sh -c x")), None);
    }

    #[test]
    fn what_is_not_known_counts_as_the_worst() {
        for line in
            ["", "git", "git -c", "git --help", "sh -c x", "git sweep", "gitk", "git-sweep x"]
        {
            let found = danger(line).unwrap();
            assert_eq!((found.edits, found.untracked), (true, Untracked::Plain), "{line}");
        }
        assert_eq!(of(&[]), Some(unknown()));
    }
}
