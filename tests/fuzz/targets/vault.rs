//! The vault, where its ref names whatever somebody has put there: trees of any names, at any depth, with
//! objects that are missing or are something else. What is deposited comes back, what was there and whole
//! stays, no path leads astray, and nothing but the vault is changed.
#![no_main]

use std::cell::RefCell;
use std::collections::HashSet;

use git_bak::git::objects::Oid;
use git_bak::git::repository::Repository;
use git_bak::model::at_risk::Mode;
use git_bak::model::forgetting::{Forgetting, Named};
use git_bak::model::now;
use git_bak::model::repo_path::RepoPath;
use git_bak::storage::Store;
use git_bak::storage::vault::{Entry, Health, Slot};
use git_bak_fuzz::{Scratch, now as today, store};
use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};

const NAMES: [&[u8]; 30] = [
    b"20251106",
    b"20251105",
    b"20240229",
    b"20250229",
    b"99991231",
    b"20",
    b"19",
    b"00",
    b"24",
    b"1045",
    b"1044",
    b"1045-1",
    b"1045-worktree",
    b"1045@w",
    b"1045@\x1b[31m",
    b"1045-4294967295",
    b"6000",
    b"a.txt",
    b"a",
    b"..",
    b".",
    b".git",
    b".GIT",
    b"a/b",
    b"../x",
    b"",
    b"\xff",
    b"a\nb",
    b"b",
    b"a.txt.bak.20251106_201045.abc12345",
];
const MODES: [&str; 10] = [
    "40000",
    "100644",
    "100755",
    "120000",
    "160000",
    "100600",
    "0",
    "40755",
    "7777777777",
    "-40000",
];

#[derive(Debug)]
enum Node {
    Blob(Vec<u8>),
    Raw(Vec<u8>),
    Tree(Vec<(usize, Vec<u8>, usize)>),
}

#[derive(Debug)]
struct Hostile(Vec<Node>);

impl<'a> Arbitrary<'a> for Hostile {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let mut nodes = Vec::new();
        while !input.is_empty() && nodes.len() < 24 {
            nodes.push(match input.int_in_range(0..=7)? {
                0 | 1 => Node::Blob(input.arbitrary()?),
                2 => Node::Raw(input.arbitrary()?),
                _ => Node::Tree(entries(input)?),
            });
        }
        Ok(Self(nodes))
    }
}

/// The entries of a tree: mode, name, and which of the nodes before it.
fn entries(input: &mut Unstructured<'_>) -> Result<Vec<(usize, Vec<u8>, usize)>> {
    let mut entries = Vec::new();
    for _ in 0..input.int_in_range(0..=6)? {
        let mode = if input.ratio(2, 3)? { 0 } else { input.choose_index(MODES.len())? };
        let name = match input.ratio(1, 8)? {
            true => input.arbitrary()?,
            false => input.choose(&NAMES)?.to_vec(),
        };
        entries.push((mode, name, input.arbitrary::<u8>()?.into()));
    }
    Ok(entries)
}

struct Place {
    _scratch: Scratch,
    repository: Repository,
    opened: git2::Repository,
    runs: usize,
}

thread_local! {
    static PLACE: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// As many runs share one repository: its objects pile up.
const RUNS: usize = 2000;

libfuzzer_sys::fuzz_target!(|hostile: Hostile| {
    PLACE.with_borrow_mut(|place| {
        if place.as_ref().is_none_or(|place| place.runs >= RUNS) {
            let scratch = Scratch::new();
            let repository = scratch.repository();
            let opened = git2::Repository::open(&repository.git_dir).unwrap();
            *place = Some(Place { _scratch: scratch, repository, opened, runs: 0 });
        }
        let place = place.as_mut().unwrap();
        place.runs += 1;
        plant(place, &hostile);
        let store = store(&place.repository);
        read(&store);
        keeps(&store);
        deposits(&store);
        let forgetting = Forgetting { of: vec![Named::Below("a".parse().unwrap())], before: None };
        if let Ok(gone) = store.vault.forget(&forgetting, &today()) {
            assert!(gone.iter().all(|one| forgetting.touches(&one.path)));
        }
    });
});

/// Lets the ref name the last of the nodes.
fn plant(Place { repository, opened, .. }: &Place, Hostile(nodes): &Hostile) {
    let odb = opened.odb().unwrap();
    let missing = git2::Oid::from_str(&"1".repeat(40)).unwrap();
    let mut ids: Vec<git2::Oid> = Vec::new();
    for node in nodes {
        let id = match node {
            Node::Blob(bytes) => odb.write(git2::ObjectType::Blob, bytes),
            Node::Raw(bytes) => odb.write(git2::ObjectType::Tree, bytes),
            Node::Tree(entries) => {
                let mut body = Vec::new();
                for (mode, name, of) in entries {
                    let of = if ids.is_empty() {
                        missing
                    } else {
                        *ids.get(of % (ids.len() + 1)).unwrap_or(&missing)
                    };
                    body.extend_from_slice(format!("{} ", MODES[*mode]).as_bytes());
                    body.extend(name.iter().filter(|&&byte| byte != 0));
                    body.push(0);
                    body.extend_from_slice(of.as_bytes());
                }
                odb.write(git2::ObjectType::Tree, &body)
            }
        };
        ids.push(id.unwrap());
    }
    let folder = repository.common_dir.join("refs/bak");
    std::fs::create_dir_all(&folder).unwrap();
    let root = ids.last().copied().unwrap_or(missing);
    std::fs::write(folder.join("vault"), format!("{root}\n")).unwrap();
}

type Version = (Vec<u8>, RepoPath, bool, Oid);

/// Every version that can be brought back.
fn whole(store: &Store) -> Option<HashSet<Version>> {
    let mut found = HashSet::new();
    for stored in store.vault.snapshots(true).ok()? {
        for file in store.vault.files(&stored).unwrap_or_default() {
            for step in file.path.as_bytes().split(|&byte| byte == b'/') {
                assert!(!matches!(step, b"" | b"." | b"..") && !step.eq_ignore_ascii_case(b".git"));
            }
            if store.vault.objects().read_blob(file.id).is_ok() {
                found.insert((stored.id.folder(), file.path, file.slot == Slot::Worktree, file.id));
            }
        }
    }
    Some(found)
}

fn read(store: &Store) {
    let time = now::timestamp(&today());
    let _ = store.vault.newest(Some(time));
    let path: RepoPath = "a.txt".parse().unwrap();
    let _ = store.vault.names(&path, store.vault.objects().hash(b"x").unwrap(), time);
    let _ = store.vault.health();
    let _ = store.vault.expired(time);
}

/// Mending leaves every version that can be brought back, and nothing that can't.
fn keeps(store: &Store) {
    let before = whole(store);
    if store.vault.mend_all(&today()).is_err() {
        return;
    }
    let after = whole(store);
    if let (Some(before), Some(after)) = (before, &after) {
        assert!(before.is_subset(after), "{before:?} {after:?}");
    }
    assert!(matches!(store.vault.health().unwrap(), Health::Empty | Health::Whole { .. }));
}

/// What is deposited comes back, and expiry leaves it.
fn deposits(store: &Store) {
    let objects = store.vault.objects();
    let id = objects.write_blob(b"precious").unwrap();
    let path: RepoPath = "a.txt".parse().unwrap();
    let mode = Mode::of_permissions(0o644);
    let entry = Entry { path: path.clone(), slot: Slot::Main, id, mode };
    let time = now::timestamp(&today());
    let Ok(deposited) = store.vault.deposit(&[entry], time, &today(), &|_| None) else { return };
    let is_there = || {
        let all = store.vault.snapshots(true).unwrap();
        let stored = all.into_iter().find(|stored| stored.id == deposited.id).unwrap();
        let file = store.vault.file(&stored, &path, Slot::Main).unwrap().unwrap();
        assert_eq!(objects.read_blob(file.id).unwrap(), b"precious");
    };
    is_there();
    assert!(store.vault.names(&path, id, deposited.id.time).unwrap());
    store.vault.expire(time, &today()).unwrap();
    is_there();
}
