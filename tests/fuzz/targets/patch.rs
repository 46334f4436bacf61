//! Patches: what is told of their text alone, and, by real Git, a rehearsal of each. Nothing that a patch
//! says gets into the working tree, a Git directory or anywhere outside of both before it is applied.
#![no_main]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use git_bak::git::patch::Patch;
use git_bak::git::repository::Repository;
use git_bak::model::patch_text::{leads_into_git_dir, line_naming, subject};
use git_bak::transaction::rehearsal::rehearse;
use git_bak_fuzz::{Scratch, store};

struct Place {
    scratch: Scratch,
    repository: Repository,
    before: BTreeMap<PathBuf, Vec<u8>>,
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let scratch = Scratch::new();
        let top = scratch.top();
        std::fs::create_dir(top.join("d")).unwrap();
        std::fs::create_dir(scratch.around().join("outside")).unwrap();
        for (name, text) in
            [("a", "a\n"), ("b", "1\n2\n3\n"), ("d/c", "c\n"), ("../outside/x", "x\n")]
        {
            std::fs::write(top.join(name), text).unwrap();
        }
        std::os::unix::fs::symlink("../outside", top.join("link")).unwrap();
        scratch.git(&["add", "."], &top);
        let repository = scratch.repository();
        // What is made in the first run stays.
        let _ = rehearse(&store(&repository), &[]);
        let before = look(scratch.around());
        Place { scratch, repository, before }
    })
}

/// Every file and link around the repository, but for its objects and our own folder.
fn look(around: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![around.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with(".git/objects") || path.ends_with(".git/bak") {
                continue;
            }
            let kind = path.symlink_metadata().unwrap();
            if kind.is_dir() {
                found.insert(path.clone(), Vec::new());
                folders.push(path);
            } else if kind.is_symlink() {
                found.insert(
                    path.clone(),
                    path.read_link().unwrap().into_os_string().into_encoded_bytes(),
                );
            } else {
                found.insert(path.clone(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    text(data);
    // Git asks for one of these before it calls anything a patch.
    let may_be_one = [&b"diff --git "[..], b"--- "].iter().any(|start| {
        data.starts_with(start)
            || data.windows(start.len() + 1).any(|w| w[0] == b'\n' && w[1..] == **start)
    });
    if may_be_one {
        whole(data);
    }
});

fn text(data: &[u8]) {
    if let Some(title) = subject(data) {
        assert!(!title.trim().is_empty() && !title.contains('\n'));
    }
    let first = data.split(|&byte| byte == b'\n').next().unwrap_or_default();
    if let Some(line) = line_naming(data, first) {
        assert!(line >= 1 && line <= data.split(|&byte| byte == b'\n').count());
    }
    if first.split(|&byte| byte == b'/').any(|name| name.eq_ignore_ascii_case(b".git")) {
        assert!(leads_into_git_dir(first));
    }
}

fn whole(data: &[u8]) {
    let place = place();
    let patch = Patch { name: "p".to_owned(), bytes: data.to_vec() };
    let paths = patch.paths(&place.repository.git());
    if let Ok(rehearsal) = rehearse(&store(&place.repository), &[patch]) {
        let paths = paths.unwrap();
        for touched in &rehearsal.touched {
            assert!(paths.contains(&touched.path));
            assert!(!leads_into_git_dir(touched.path.as_bytes()));
            assert!(!touched.path.as_bytes().starts_with(b"link/"));
        }
    }
    assert_eq!(look(place.scratch.around()), place.before);
}
