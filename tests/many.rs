//! Many files at once: what is read in one go is what is read of each alone.

use serde_json::Value;

use crate::scratch::Scratch;

fn listed(s: &Scratch, args: &[&str]) -> Vec<Value> {
    let ran = s.bak([&["list", "--json"], args].concat());
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    document["backups"].as_array().unwrap().clone()
}

#[test]
fn a_list_of_many_files_is_the_lists_of_each() {
    let s = Scratch::new();
    let names: Vec<String> = (0..12).map(|n| format!("folder {}/f{n:02}", n % 3)).collect();
    for round in 0..4 {
        for name in names.iter().skip(round) {
            s.write(name, format!("{round} {name}\n"));
        }
        match round {
            0 => drop(s.git(["add", "."])),
            1 => drop(s.git(["commit", "-qam", "second"])),
            _ => drop(s.bak(["snapshot", "-m", "by hand"])),
        }
        // Staged, and edited since: two versions in one snapshot.
        s.git(["add", &names[5]]);
        s.write(&names[5], format!("{round} further\n"));
        s.advance(100);
    }
    std::fs::remove_file(s.top().join(&names[7])).unwrap();
    let mut sorted = names.clone();
    sorted.push("a.txt".to_owned());
    sorted.sort();
    for options in [&["--files"][..], &[], &["--worktree=all"]] {
        let mut together = listed(&s, options);
        // What is open comes first, and what is newer.
        together.sort_by_key(|row| row["path"].to_string());
        let mut each: Vec<Value> =
            sorted.iter().flat_map(|name| listed(&s, &[options, &[name]].concat())).collect();
        each.sort_by_key(|row| row["path"].to_string());
        assert_eq!(together, each, "{options:?}");
        assert!(together.len() > 12, "{options:?}");
    }
}

#[test]
fn a_label_stays_with_its_backup_when_the_same_bytes_come_again() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "-m", "before lunch", "a.txt"]);
    s.bak(["snapshot"]);
    assert!(s.bak(["list", "a.txt"]).stdout.contains("\"before lunch\""));
}

#[test]
fn labels_of_many_files_are_those_of_each() {
    let s = Scratch::new();
    let names: Vec<String> = (0..9).map(|n| format!("f{n}")).collect();
    names.iter().for_each(|name| s.write(name, "one\n"));
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    names.iter().for_each(|name| s.write(name, format!("{name}\n")));
    let labelled = names[1..].iter().map(String::as_str);
    s.bak(["snapshot", "-m", "before lunch"].into_iter().chain(labelled));
    // It has events of its own about the same backups: in the ledger, then on file.
    s.bak(["snapshot"]);
    let are_those_of_each = || {
        let together = listed(&s, &["--files"]);
        let each = names.iter().flat_map(|name| listed(&s, &["--files", name]));
        assert_eq!(together, each.collect::<Vec<Value>>());
        let has_label = |version: &&Value| version["label"] == "before lunch";
        assert_eq!(together.iter().filter(has_label).count(), 8);
    };
    are_those_of_each();
    s.hook("pre-commit", "exit 1");
    s.try_git(["commit", "-qam", "third"]);
    are_those_of_each();
}

#[test]
fn a_long_list_goes_by_the_names_of_the_backups() {
    let s = Scratch::new();
    let names: Vec<String> = (0..101).map(|n| format!("f{n:03}")).collect();
    names.iter().for_each(|name| s.write(name, format!("{name}\n")));
    s.git(["add", "."]);
    let together = listed(&s, &["--files"]);
    assert_eq!(together.len(), 101);
    for name in ["f000", "f100"] {
        let among = together.iter().filter(|backup| backup["path"] == name);
        assert!(among.eq(&listed(&s, &["--files", name])), "{name}");
    }
    // Nor is any compared with its file.
    s.write("f000", "f000\nfurther\n");
    let has_lines =
        |args: &[&str]| s.bak([&["list", "--files"], args].concat()).stdout.contains("+0 -1");
    assert_eq!([has_lines(&["f000"]), has_lines(&[])], [true, false]);
    // The vault has none of that second: then the bytes themselves say what they are.
    let backup = s.backups("f007").remove(0);
    let other = backup.replace(".bak.2025", ".bak.2024");
    std::fs::rename(s.top().join(&backup), s.top().join(&other)).unwrap();
    let renamed =
        listed(&s, &["--files"]).into_iter().find(|it| it["backup"] == other.as_str()).unwrap();
    assert_eq!(
        renamed,
        listed(&s, &["--files", "f007"])
            .into_iter()
            .find(|it| it["backup"] == other.as_str())
            .unwrap()
    );
}

#[cfg(unix)]
#[test]
fn there_may_be_more_folders_than_files_that_may_be_open() {
    let s = Scratch::new();
    let names: Vec<String> = (0..150).map(|n| format!("{n}/file")).collect();
    names.iter().for_each(|name| s.write(name, "one\n"));
    s.hook("pre-commit", "ulimit -Sn > seen; exit 1");
    let few =
        |command: &str| s.command("sh").args(["-c", &format!("ulimit -Sn 64; {command}")]).output();
    few("git add .").unwrap();
    assert_eq!(s.all_backups().len(), 150);
    few("git commit -m x").unwrap();
    assert_eq!(s.read("seen"), "64\n");
    let told = few("git bak list").unwrap();
    assert_eq!(String::from_utf8_lossy(&told.stdout).matches("/file\n").count(), 150);
    few("git bak run --test 'ulimit -Sn > seen' -- sh -c 'ulimit -Sn >> seen'").unwrap();
}
