use super::{DAY, NOON, Nest, at};
use crate::vault::days::Why;
use crate::vault::fold::FoldSettings;
use crate::vault::health::{VaultFinding, look};
use crate::vault::mend::{MendedVault, mend};

fn findings(nest: &Nest) -> Vec<VaultFinding> {
    look(&nest.repository, &nest.record, true, &at(NOON + 9 * DAY))
}

fn mended(nest: &Nest) -> MendedVault {
    let settings = FoldSettings::default();
    mend(&nest.repository, &nest.record, settings, &at(NOON + 9 * DAY)).unwrap()
}

fn nest() -> Nest {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one"), ("s:b", b"two")]);
    nest.event(NOON + 1, "commit");
    nest.fold(NOON + 2);
    nest.snapshot(NOON + DAY, &[("a", b"three")]);
    nest
}

#[test]
fn a_vault_that_is_well_has_no_findings() {
    assert_eq!(findings(&nest()), []);
    let nest = Nest::new();
    assert_eq!(findings(&nest), []);
}

#[test]
fn whatever_stands_in_its_place_is_put_aside_and_what_it_has_is_saved() {
    type Break = fn(&std::path::Path);
    let ways: [(Break, bool); 6] = [
        (|vault| std::fs::remove_file(vault.join("HEAD")).unwrap(), true),
        (|vault| std::fs::write(vault.join("config"), "[core\n").unwrap(), true),
        (|vault| std::fs::remove_dir_all(vault.join("refs")).unwrap(), true),
        (
            |vault| {
                let to = vault.with_file_name("elsewhere");
                std::fs::rename(vault, &to).unwrap();
                std::os::unix::fs::symlink(to, vault).unwrap();
            },
            true,
        ),
        (
            |vault| {
                std::fs::remove_dir_all(vault).unwrap();
                std::fs::write(vault, "a file").unwrap();
            },
            false,
        ),
        (
            |vault| {
                let text = "[core]\n\trepositoryFormatVersion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n";
                std::fs::write(vault.join("config"), text).unwrap();
            },
            true,
        ),
    ];
    for (at, (destroy, is_saved)) in ways.into_iter().enumerate() {
        let nest = nest();
        destroy(nest.vault().git_dir());
        assert!(findings(&nest).iter().any(VaultFinding::is_of_repository), "{at}");
        let mended = mended(&nest);
        assert!(mended.aside.as_ref().unwrap().symlink_metadata().is_ok());
        assert_eq!(nest.reads(b"one"), is_saved, "{at}");
        assert!(nest.reads(b"three"));
        let left: Vec<VaultFinding> = findings(&nest)
            .into_iter()
            .filter(|it| !matches!(it, VaultFinding::Aside(_)))
            .collect();
        // What is nowhere is noted as lost, and found no more.
        assert!(left.is_empty(), "{at} {left:?}");
        assert_eq!(mended.lost == 0, is_saved, "{at}");
        nest.fsck();
    }
}

#[test]
fn what_the_record_lost_comes_back_from_the_commits() {
    let nest = nest();
    let path = nest.record.folder().join("2026-01-01");
    let before = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(
        matches!(&findings(&nest)[..], [VaultFinding::Unrecorded(days)] if days["2026-01-01"] == 2)
    );
    assert_eq!(mended(&nest).recorded, 2);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(findings(&nest), []);
}

#[test]
fn what_is_lacking_is_named_and_what_is_not_lent_is_lent_again() {
    let nest = nest();
    let id = nest.id(b"three");
    let place = nest.record.bak().join("new").join(&id[..2]).join(&id[2..]);
    std::fs::rename(&place, nest.top.join("kept")).unwrap();
    let found = findings(&nest);
    let [VaultFinding::Lacking(lacking)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&lacking[0].path[..], &lacking[0].why), (&b"a"[..], &Why::Absent));
    std::fs::rename(nest.top.join("kept"), &place).unwrap();
    std::fs::remove_file(nest.vault().git_dir().join("objects/info/alternates")).unwrap();
    assert!(findings(&nest).contains(&VaultFinding::NotLent));
    mended(&nest);
    assert_eq!(findings(&nest), []);
    assert!(nest.reads(b"three"));
}

#[test]
fn a_pack_with_a_hole_is_found_and_the_rest_saved() {
    let nest = nest();
    let packs = nest.vault().git_dir().join("objects/pack");
    let pack = std::fs::read_dir(packs)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|it| it == "pack"))
        .unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    bytes.truncate(bytes.len() - 60);
    std::fs::remove_file(&pack).unwrap();
    std::fs::write(&pack, bytes).unwrap();
    assert!(findings(&nest).iter().any(VaultFinding::is_of_repository));
    mended(&nest);
    assert!(nest.reads(b"three"));
    nest.fsck();
}

#[test]
fn blobs_that_a_power_cut_left_are_put_aside_and_lost_ones_noted() {
    let damages = [&b""[..], b"\0\0\0\0\0\0\0\0", b"\x78\x01\x4b\xca"];
    for (at, damage) in damages.into_iter().enumerate() {
        let nest = nest();
        let (named, unnamed) = (nest.id(b"three"), format!("{at:02x}{}", "0".repeat(38)));
        for id in [&named, &unnamed] {
            let folder = nest.record.bak().join("new").join(&id[..2]);
            std::fs::create_dir_all(&folder).unwrap();
            let _ = std::fs::remove_file(folder.join(&id[2..]));
            std::fs::write(folder.join(&id[2..]), damage).unwrap();
        }
        assert!(nest.vault().output(["fsck", "--full"]).is_err(), "{at}");
        assert!(findings(&nest).contains(&VaultFinding::Damaged(2)), "{at}");
        let mended = mended(&nest);
        assert_eq!(mended.lost, 1, "{at}");
        let (blobs, aside) = mended.blobs_aside.unwrap();
        assert_eq!((blobs, mended.aside), (2, None), "{at}");
        assert_eq!(findings(&nest), [VaultFinding::Aside(aside.clone())], "{at}");
        for id in [&named, &unnamed] {
            let kept = aside.join("objects").join(&id[..2]).join(&id[2..]);
            assert_eq!(std::fs::read(kept).unwrap(), damage, "{at}");
        }
        assert!(nest.reads(b"one") && nest.reads(b"two"));
        nest.fsck();
    }
}
