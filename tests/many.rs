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
    for options in [&[][..], &["--vault"], &["--vault", "--all-worktrees"]] {
        let together = listed(&s, options);
        let each = sorted.iter().flat_map(|name| listed(&s, &[options, &[name]].concat()));
        assert_eq!(together, each.collect::<Vec<Value>>(), "{options:?}");
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
