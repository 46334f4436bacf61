//! A constructor for each format, and how one tells that a repository still has it.

mod indexes;
mod layouts;
mod objects;

use std::fs;

pub use indexes::*;
pub use layouts::*;
pub use objects::*;

use super::modes::set_mode;
use super::place::{FAR, FILE, FIRST, OTHER, Place};
use crate::scratch::Scratch;

/// A repository of some format, or what this machine lacks for one.
pub type Made = Result<Place, String>;

/// The settings of repositories that will commit.
const CONFIG: [[&str; 2]; 5] = [
    ["user.name", "Test"],
    ["user.email", "test@example.org"],
    ["gc.auto", "0"],
    ["maintenance.auto", "false"],
    ["core.logAllRefUpdates", "always"],
];

/// A new repository with these options of `git init`, without a commit.
fn init(options: &[&str], is_still: fn(&Place) -> bool) -> Place {
    let scratch = Scratch::empty();
    let top = scratch.root().join("place");
    fs::create_dir(&top).unwrap();
    let place = Place::new(scratch, top, is_still);
    place.git(["init", "-q", "-b", "main"].iter().chain(options));
    configure(&place);
    place
}

fn configure(place: &Place) {
    for [key, value] in CONFIG {
        place.git(["config", key, value]);
    }
}

/// The files of every format, committed.
fn commit_files(place: &Place) {
    place.write(FILE, FIRST);
    set_mode(&place.at(FILE), 0o755);
    place.write(OTHER, "one\n");
    place.write(FAR, "far\n");
    place.git(["add", "."]);
    place.git(["commit", "-qm", "first"]);
}

/// Installs git-bak, and makes a commit or, where there is history, none.
fn settle(place: Place) -> Place {
    place.bak(["install", "--no-guard"]);
    if place.try_git(["rev-parse", "-q", "--verify", "HEAD"]).status != 0 {
        commit_files(&place);
    }
    assert!((place.is_still)(&place), "the repository is not what it should be");
    place
}

/// A repository to clone: three commits, of which the older ones' contents are in no later one.
fn origin(options: &[&str]) -> Place {
    let origin = init(options, |_| true);
    for number in 0..2 {
        origin.write(FAR, format!("far {number}\n"));
        origin.git(["add", "."]);
        origin.git(["commit", "-qm", "earlier"]);
    }
    commit_files(&origin);
    origin.git(["config", "uploadpack.allowFilter", "true"]);
    origin
}

/// A clone, with these options, of that repository.
fn clone(options: &[&str], is_still: fn(&Place) -> bool) -> Place {
    let origin = origin(&[]);
    let url = format!("file://{}", origin.top.display());
    origin.git(
        ["clone", "-q"]
            .iter()
            .copied()
            .chain(options.iter().copied())
            .chain([url.as_str(), "../clone"]),
    );
    let top = origin.scratch.root().join("clone");
    let place = Place::new(origin.scratch, top, is_still);
    configure(&place);
    place
}

/// The version of Git, as far as formats depend on it.
pub fn since(major: u32, minor: u32, what: &str) -> Result<(), String> {
    let text = Scratch::empty().git(["--version"]).stdout;
    let version = text.split_whitespace().nth(2).unwrap().to_owned();
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let has = (numbers.next().unwrap(), numbers.next().unwrap());
    if has >= (major, minor) {
        Ok(())
    } else {
        Err(format!("Git {}.{} has no {what}", has.0, has.1))
    }
}

fn said(place: &Place, args: &[&str], expected: &str) -> bool {
    place.git(args).stdout.trim_end() == expected
}

fn is_sha256(place: &Place) -> bool {
    said(place, &["rev-parse", "--show-object-format"], "sha256")
}

fn is_reftable(place: &Place) -> bool {
    place.git_path("reftable").join("tables.list").is_file()
}

/// Contents of older commits are missing still: they have not been fetched.
fn is_partial(place: &Place) -> bool {
    let args = ["rev-list", "--objects", "--missing=print", "HEAD"];
    place.git(args).stdout.lines().any(|line| line.starts_with('?'))
}
