use super::{DAY, NOON, Nest, at};
use crate::model::events::line::{Line, What};
use crate::vault::days::Why;
use crate::vault::fold::FoldSettings;
use crate::vault::lock::FoldLock;

#[test]
fn days_become_branches_and_new_is_empty() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one"), ("d/b", b"two")]);
    nest.event(NOON + 1, "commit");
    nest.snapshot(NOON + 2, &[("a", b"three")]);
    nest.event(NOON + 3, "after");
    nest.snapshot(NOON + DAY, &[("a", b"four")]);
    assert_eq!(nest.loose(), 4);
    let folded = nest.fold(NOON + DAY + 1);
    assert_eq!((folded.made, folded.deleted, folded.left_out.len()), (2, 0, 0));
    assert_eq!((folded.emptied.0, nest.loose()), (4, 0));
    let id = nest.record.worktree().unwrap();
    assert_eq!(nest.branches(), [format!("{id}/2026-01-01"), format!("{id}/2026-01-02")]);
    assert_eq!(nest.ask(&["symbolic-ref", "HEAD"]), format!("refs/heads/{id}/2026-01-02\n"));
    let log = nest.ask(&["log", "--format=%s %ct", &format!("{id}/2026-01-01")]);
    let wanted = format!(
        "what happened since {}\nadd: 1 file {}\nadd: 2 files {NOON}\n",
        NOON + 3,
        NOON + 2
    );
    assert_eq!(log, wanted);
    let tree = nest.ask(&["ls-tree", "-r", "--name-only", &format!("{id}/2026-01-01")]);
    assert_eq!(tree, "a\nd/b\n");
    for bytes in [&b"one"[..], b"two", b"three", b"four"] {
        assert!(nest.reads(bytes));
    }
    nest.fsck();
}

#[test]
fn the_same_lines_give_the_same_commits() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one")]);
    nest.fold(NOON);
    let first = nest.ask(&["rev-parse", "HEAD"]);
    let again = nest.fold(NOON + 9);
    assert_eq!((again.made, again.deleted), (0, 0));
    std::fs::rename(nest.vault().git_dir(), nest.top.join("aside")).unwrap();
    nest.snapshot(NOON, &[("a", b"one")]);
    nest.fold(NOON + 20);
    assert_eq!(nest.ask(&["rev-parse", "HEAD"]), first);
}

#[test]
fn staged_and_edited_are_two_commits_and_a_file_may_become_a_folder() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"edited"), ("s:a", b"staged"), ("s:c", b"c")]);
    nest.snapshot(NOON + 1, &[("s:x/y", b"in a folder"), ("x", b"a file")]);
    nest.snapshot(NOON + 2, &[("a/b", b"deeper")]);
    nest.fold(NOON + 3);
    let log = nest.ask(&["log", "--format=%s"]);
    let wanted =
        "add: 1 file\nadd: 1 file\nadd: 1 file, as staged\nadd: 1 file\nadd: 2 files, as staged\n";
    assert_eq!(log, wanted);
    for bytes in [&b"edited"[..], b"staged", b"c", b"in a folder", b"a file", b"deeper"] {
        assert!(nest.reads(bytes), "{}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(nest.loose(), 0);
    assert_eq!(nest.fold(NOON + 4).made, 0);
    nest.fsck();
}

#[test]
fn a_line_that_can_be_no_commit_is_left_out_and_the_others_go_on() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"good")]);
    nest.snapshot(NOON + 1, &[("git~1", b"a name"), ("b", b"beside it")]);
    nest.snapshot(NOON + 2, &[("lost", b"lost"), ("damaged", b"damaged"), ("c", b"c")]);
    let place = |bytes: &[u8]| {
        let id = nest.id(bytes);
        nest.record.bak().join("new").join(&id[..2]).join(&id[2..])
    };
    std::fs::remove_file(place(b"lost")).unwrap();
    std::fs::remove_file(place(b"damaged")).unwrap();
    std::fs::write(place(b"damaged"), "garbage").unwrap();
    let folded = nest.fold(NOON + 3);
    let why: Vec<&Why> = folded.left_out.iter().map(|it| &it.why).collect();
    assert_eq!(why, [&Why::Name, &Why::Absent, &Why::Damaged]);
    assert!(nest.reads(b"good") && nest.reads(b"beside it") && nest.reads(b"c"));
    assert!(nest.reads(b"a name"), "it was not kept in new");
    assert_eq!(nest.loose(), 2);
    assert_eq!(nest.ask(&["log", "--format=%s"]).lines().count(), 3);
    nest.ask(&["rev-list", "--objects", "--all"]);
}

#[test]
fn a_blob_whose_header_alone_is_whole_is_found_damaged() {
    let nest = Nest::new();
    let bytes: Vec<u8> = (0..100_000u32)
        .flat_map(|n| n.wrapping_mul(0x9e37_79b9).rotate_left(n % 31).to_le_bytes())
        .collect();
    nest.snapshot(NOON, &[("a", b"good"), ("b", &bytes)]);
    let id = nest.id(&bytes);
    let place = nest.record.bak().join("new").join(&id[..2]).join(&id[2..]);
    let mut object = std::fs::read(&place).unwrap();
    let middle = object.len() / 2;
    object[middle..middle + 20].fill(0);
    std::fs::remove_file(&place).unwrap();
    std::fs::write(&place, object).unwrap();
    let folded = nest.fold(NOON + 3);
    assert_eq!(folded.left_out.len(), 1);
    assert_eq!(folded.left_out[0].why, Why::Damaged);
    assert!(nest.reads(b"good"));
    assert_eq!(nest.loose(), 1);
    nest.ask(&["rev-list", "--objects", "--all"]);
}

#[test]
fn a_record_that_was_cut_drops_nothing() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one")]);
    nest.snapshot(NOON + 1, &[("a", b"two")]);
    nest.fold(NOON + 2);
    std::fs::write(nest.record.folder().join("2026-01-01"), "").unwrap();
    nest.snapshot(NOON + 3, &[("a", b"three")]);
    let folded = nest.fold(NOON + 4);
    assert_eq!((folded.made, folded.deleted), (1, 0));
    assert!(nest.reads(b"one") && nest.reads(b"two") && nest.reads(b"three"));
    assert_eq!(nest.ask(&["log", "--format=%s"]).lines().count(), 3);
}

#[test]
fn big_snapshots_say_in_the_commit_all_that_they_have() {
    let nest = Nest::new();
    let names: Vec<String> = (0..600).map(|n| format!("f{n}")).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), name.as_bytes())).collect();
    nest.snapshot(NOON, &files);
    assert_eq!(nest.fold(NOON + 1).made, 1);
    assert_eq!(nest.ask(&["ls-tree", "-r", "HEAD"]).lines().count(), 600);
    let body = nest.ask(&["log", "--format=%b"]);
    assert_eq!(Line::parse(body.trim().as_bytes()).unwrap().files.len(), 600);
    assert_eq!(nest.fold(NOON + 2).made, 0);
    std::fs::remove_file(nest.record.folder().join("2026-01-01.big")).unwrap();
    nest.fold(NOON + 3);
    assert!(names.iter().all(|name| nest.reads(name.as_bytes())));
}

#[test]
fn sha256_and_odd_names() {
    let nest = Nest::with(&["--object-format=sha256"]);
    nest.snapshot(NOON, &[("a\nb\"c\\", b"one"), ("é", b"two")]);
    nest.fold(NOON + 1);
    let tree = nest.ask(&["ls-tree", "-z", "--name-only", "HEAD"]);
    assert_eq!(tree, "a\nb\"c\\\0é\0");
    assert!(nest.reads(b"one"));
    assert_eq!(nest.loose(), 0);
}

#[test]
fn plain_git_in_the_vault_loses_nothing() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"folded")]);
    nest.fold(NOON + 1);
    nest.snapshot(NOON + 2, &[("a", b"not folded")]);
    for args in [
        &["gc", "--prune=now", "--quiet"][..],
        &["prune", "--expire=now"],
        &["repack", "-a", "-d", "-q", "-l"],
        &["gc", "--cruft", "--prune=now", "--quiet"],
    ] {
        nest.ask(args);
        assert!(nest.reads(b"folded") && nest.reads(b"not folded"), "{args:?}");
    }
    nest.fold(NOON + 3);
    assert!(nest.reads(b"not folded"));
    assert_eq!(nest.loose(), 0);
}

#[test]
fn a_pack_that_nobody_keeps_does_not_count() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"folded")]);
    nest.fold(NOON + 1);
    let packs = nest.vault().git_dir().join("objects/pack");
    let names = || {
        let entries = std::fs::read_dir(&packs).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let keep = before.iter().find(|name| name.to_str().unwrap().ends_with(".keep")).unwrap();
    std::fs::remove_file(packs.join(keep)).unwrap();
    nest.fold(NOON + 2);
    assert!(nest.reads(b"folded"));
    assert_eq!(names().len(), before.len());
    assert!(!names().contains(keep), "it has another name");
    nest.ask(&["repack", "-a", "-d", "-q", "-l"]);
    assert_eq!(names().len(), before.len());
    nest.fsck();
}

#[test]
fn a_vault_that_was_not_lent_what_hooks_put_in_is_lent_it_and_a_link_is_refused() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one")]);
    std::fs::remove_file(nest.vault().git_dir().join("objects/info/alternates")).unwrap();
    assert_eq!(nest.fold(NOON + 1).left_out.len(), 0);
    assert_eq!(nest.loose(), 0);
    let to = nest.top.join("elsewhere");
    std::fs::rename(nest.vault().git_dir(), &to).unwrap();
    std::os::unix::fs::symlink(&to, nest.vault().git_dir()).unwrap();
    nest.snapshot(NOON + 2, &[("a", b"two")]);
    let folded = crate::vault::fold::fold(
        &nest.repository,
        &nest.record,
        FoldSettings::default(),
        &at(NOON + 3),
    );
    assert!(folded.is_err());
    assert!(nest.reads(b"two"));
}

#[test]
fn what_a_killed_fold_left_is_taken_away() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one")]);
    nest.fold(NOON + 1);
    let vault = nest.vault().git_dir().to_owned();
    let id = nest.record.worktree().unwrap();
    let left = [
        vault.join("objects/pack/tmp_pack_abcdef"),
        vault.join("objects/pack/.tmp-77-pack-1.pack"),
        vault.join("objects/tmp_obj_abcdef"),
        vault.join("fast_import_crash_77"),
        vault.join("HEAD.lock"),
        vault.join(format!("refs/heads/{id}/2026-01-01.lock")),
        vault.join(format!("refs/heads/{id}/2026-01-02.lock")),
        nest.record.bak().join("new/tmp_obj_999999999"),
        nest.record.bak().join("vault.git-999999999/HEAD"),
    ];
    for path in &left {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }
    nest.snapshot(NOON + DAY, &[("a", b"two")]);
    nest.snapshot(NOON, &[("a", b"three")]);
    assert_eq!(nest.fold(NOON + DAY + 1).made, 2);
    assert!(left.iter().all(|path| !path.exists()));
}

#[test]
fn a_second_fold_leaves_it_to_the_first_and_none_makes_bak_anew() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one")]);
    let lock = FoldLock::take(nest.record.bak(), std::time::Duration::ZERO).unwrap();
    assert!(nest.fold(NOON).is_busy);
    drop(lock);
    std::fs::remove_dir_all(nest.record.bak()).unwrap();
    nest.fold(NOON);
    assert!(!nest.record.bak().exists());
}

#[test]
fn lines_of_no_worktree_keep_their_blobs() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one")]);
    let text = format!(
        "{{\"t\":{NOON},\"wt\":\"../../x\",\"ev\":\"snapshot\",\"files\":[{{\"path\":\"a\",\"id\":\"{}\"}}]}}\n",
        nest.id(b"one")
    );
    let path = nest.record.folder().join("2026-01-01");
    std::fs::write(path, text).unwrap();
    let folded = nest.fold(NOON + 1);
    assert_eq!(folded.left_out[0].why, Why::Worktree);
    assert_eq!(nest.loose(), 1);
    assert!(nest.branches().is_empty());
}

#[test]
fn what_nobody_ever_named_stays_as_long_as_versions_do() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one"), ("b", b"never named")]);
    let path = nest.record.folder().join("2026-01-01");
    std::fs::write(path, "").unwrap();
    let mut line = Line::new(What::Failed, &at(NOON));
    nest.record.append_as_they_are(std::slice::from_mut(&mut line), &at(NOON)).unwrap();
    let settings = FoldSettings { expire: Some(30 * DAY), ..FoldSettings::default() };
    nest.fold_with(settings, NOON + 1);
    assert_eq!(nest.loose(), 2);
}
