//! Where Git directory and working tree are, and whose they are.

use std::fs;
use std::path::Path;

use super::{Made, commit_files, configure, init, is_sha256, origin, said, settle, since};
use crate::formats::place::Place;
use crate::scratch::Scratch;

fn text_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

pub fn config_of_a_worktree() -> Made {
    let is_still = |place: &Place| place.git_path("config.worktree").is_file();
    let place = init(&[], is_still);
    place.git(["config", "core.repositoryFormatVersion", "1"]);
    place.git(["config", "extensions.worktreeConfig", "true"]);
    place.git(["config", "--worktree", "bak.maxFiles", "77"]);
    Ok(settle(place))
}

fn shared(how: &str, umask: &'static str) -> Made {
    let scratch = Scratch::empty();
    let top = scratch.root().join("place");
    fs::create_dir(&top).unwrap();
    let mut place = Place::new(scratch, top, |place| {
        !place.git(["config", "core.sharedRepository"]).stdout.is_empty()
    });
    place.umask = Some(umask);
    // Without a template there are folders for us to make.
    let how = format!("--shared={how}");
    place.git(["init", "-q", "-b", "main", "--template=", &how]);
    configure(&place);
    Ok(settle(place))
}

pub fn shared_with_a_group() -> Made {
    shared("group", "077")
}

pub fn shared_with_all() -> Made {
    shared("all", "022")
}

pub fn shared_by_exact_mode() -> Made {
    shared("0640", "022")
}

pub fn shared_after_it_was_made() -> Made {
    let mut place = init(&[], |place| said(place, &["config", "core.sharedRepository"], "yes"));
    place.git(["config", "core.sharedRepository", "yes"]);
    // Another folder for us to make.
    fs::remove_dir_all(place.git_path("info")).unwrap();
    place.umask = Some("027");
    Ok(settle(place))
}

pub fn made_without_template() -> Made {
    let place = init(&["--template="], |place| place.git_path("info/exclude").is_file());
    let is_bare = ["info", "hooks"].iter().all(|name| !place.git_path(name).exists());
    assert!(is_bare, "it has folders from a template");
    Ok(settle(place))
}

pub fn separate_git_directory() -> Made {
    let is_still = |place: &Place| place.at(".git").is_file();
    Ok(settle(init(&["--separate-git-dir=../elsewhere.git"], is_still)))
}

pub fn working_tree_elsewhere() -> Made {
    let is_still = |place: &Place| !place.at(".git").exists();
    let mut place = init(&[], is_still);
    let tree = place.scratch.root().join("tree");
    fs::create_dir(&tree).unwrap();
    place.git(["config", "core.worktree", tree.to_str().unwrap()]);
    let git_dir = place.at(".git");
    place.scratch.set_env("GIT_DIR", git_dir);
    place.top = tree;
    Ok(settle(place))
}

pub fn another_owner() -> Made {
    fn uid(place: &Place) -> u32 {
        std::os::unix::fs::MetadataExt::uid(&fs::metadata(place.at(".git")).unwrap())
    }
    let mut place = init(&[], |place| uid(place) == 65534);
    let chowned = place.scratch.command("chown").args(["-R", "65534"]).arg(&place.top).output();
    if !chowned.is_ok_and(|output| output.status.success()) {
        return Err("only root can give files to another owner".to_owned());
    }
    assert_ne!(place.try_git(["status"]).status, 0, "Git trusts every owner here");
    let config = place.scratch.root().join("home/config");
    fs::write(&config, format!("[safe]\ndirectory = {}\n", place.top.display())).unwrap();
    place.scratch.set_env("GIT_CONFIG_GLOBAL", config);
    Ok(settle(place))
}

fn linked(options: &[&str], is_still: fn(&Place) -> bool) -> Place {
    let main = init(options, |_| true);
    commit_files(&main);
    main.git(["worktree", "add", "-q", "-b", "other", "../linked"]);
    let top = main.scratch.root().join("linked");
    settle(Place::new(main.scratch, top, is_still))
}

fn is_linked(place: &Place) -> bool {
    text_of(&place.at(".git")).trim_end().ends_with("/worktrees/linked")
}

pub fn linked_worktree() -> Made {
    Ok(linked(&[], is_linked))
}

pub fn linked_worktree_of_sha256_with_reftable() -> Made {
    since(2, 45, "reftable")?;
    let options = ["--object-format=sha256", "--ref-format=reftable"];
    let is_still =
        |place: &Place| is_linked(place) && is_sha256(place) && place.git_path("reftable").is_dir();
    Ok(linked(&options, is_still))
}

pub fn submodule() -> Made {
    let is_still =
        |place: &Place| text_of(&place.at(".git")).trim_end().ends_with("/.git/modules/sub");
    let origin = origin(&[]);
    let above = origin.scratch.root().join("above");
    fs::create_dir(&above).unwrap();
    let place = Place::new(origin.scratch, above, is_still);
    place.git(["init", "-q", "-b", "main"]);
    configure(&place);
    let allow = "protocol.file.allow=always";
    place.git(["-c", allow, "submodule", "--quiet", "add", "../place", "sub"]);
    let top = place.at("sub");
    let place = Place { top, ..place };
    configure(&place);
    Ok(settle(place))
}
