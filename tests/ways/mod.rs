//! Ways to commit, each done in a repository with git-bak and in one without (`pair`): what Git does,
//! prints and leaves behind is the same, how ever it ends.
//!
//! The plain ways are in `commit`, and what other commands commit in `sequence`; here is what is made of
//! them: failures, messages and their editors, series that are rewritten, work that is put aside.

use crate::pair::{Pair, left};
use crate::scratch::{Ran, Scratch};

mod comparison;
mod dry_run;
mod editor;
mod failing;
mod mailbox;
mod message;
mod picking;
mod rewriting;
mod stash;
mod together;
mod trespass;

/// A pair in which `a.txt` is staged as "two\n".
fn staged() -> Pair {
    let pair = Pair::new();
    pair.write("a.txt", "two\n");
    pair.each(|scratch| drop(scratch.git(["add", "a.txt"])));
    pair
}

/// Runs Git with one variable of the environment set.
fn with_env<'a>(key: &'a str, value: &'a str, args: &'a [&'a str]) -> impl Fn(&Scratch) -> Ran {
    let (key, value) = (key.to_owned(), value.to_owned());
    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
    move |scratch| {
        let mut command = scratch.command("git");
        Ran::of(&command.env(&key, &value).args(&args).output().unwrap())
    }
}

fn git<const N: usize>(args: [&'static str; N]) -> impl Fn(&Scratch) -> Ran {
    move |scratch| scratch.try_git(args)
}

/// A commit of `a.txt` as "two\n" that ends with `status`: its backup stays and the vault has it. The next
/// commit, from which `mend` has taken the reason to fail, cleans up.
fn fails_and_is_mended(
    pair: &Pair,
    status: i32,
    act: impl Fn(&Scratch) -> Ran,
    mend: impl Fn(&Scratch),
) {
    let head = pair.with.try_git(["rev-parse", "HEAD"]).stdout;
    assert_eq!(pair.same(act).status, status);
    assert_eq!(pair.with.try_git(["rev-parse", "HEAD"]).stdout, head);
    assert_eq!(pair.with.backup_texts("a.txt"), ["two\n"]);
    assert!(pair.with.vault_has("a.txt", "two\n"));
    pair.each(mend);
    pair.git(["commit", "-am", "after all"]);
    assert!(left(&pair.with.root()).is_empty());
    assert!(pair.with.vault_has("a.txt", "two\n"));
}
