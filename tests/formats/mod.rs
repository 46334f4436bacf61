//! Every format of repository × everything that git-bak does in one.
//!
//! A test is a format; it runs all operations, one after the other, and names the one that failed.

mod making;
mod modes;
mod operations;
mod place;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use making::Made;
use operations::OPERATIONS;

/// Runs every operation in a repository of this format.
fn all_operations_work(format: &str, make: fn() -> Made) {
    let place = match make() {
        Ok(place) => place,
        Err(lacking) => {
            // Past the harness, which shows nothing of a test that ends well.
            let _ = writeln!(std::io::stderr(), "formats::{format} not run: {lacking}");
            return;
        }
    };
    for (name, operation) in OPERATIONS {
        let ended = catch_unwind(AssertUnwindSafe(|| operation(&place)));
        assert!(ended.is_ok(), "{format}: '{name}' does not work: see above");
        // With any core.fsmonitor, Git before 2.40 joins the halves of a split index by itself.
        let joined =
            *name == "guard" && format.starts_with("split") && making::since(2, 40, "").is_err();
        let is_still = joined || (place.is_still)(&place);
        assert!(is_still, "{format}: no longer itself after '{name}'");
    }
}

macro_rules! formats {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            all_operations_work(stringify!($name), making::$name);
        })*
    };
}

formats! {
    sha1,
    sha256,
    reftable,
    sha256_with_reftable,
    split_index,
    sparse_index,
    sparse_checkout_without_cone,
    index_of_version_4,
    config_of_a_worktree,
    partial_clone,
    partial_clone_by_extension,
    shallow_clone,
    objects_of_another_repository,
    shared_with_a_group,
    shared_with_all,
    shared_by_exact_mode,
    shared_after_it_was_made,
    made_without_template,
    separate_git_directory,
    working_tree_elsewhere,
    replaced_objects,
    another_owner,
    untracked_cache,
    linked_worktree,
    submodule,
    linked_worktree_of_sha256_with_reftable,
    split_index_with_sha256,
    sparse_index_in_a_partial_clone,
}
