//! What `undo --list` and `log --moments` show.

use super::{git, moments, undo, with_work};

#[test]
fn each_moment_has_its_name_its_command_and_its_files() {
    let s = with_work();
    git(&s, "clean -fdq");
    git(&s, "reset -q --hard");
    let list = s.bak(["undo", "--list"]).stdout;
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[0].ends_with("  git reset -q --hard  a.txt, b.txt, dir/c.txt"), "{list}");
    assert!(lines[1].ends_with("  git clean -fdq       new/v.txt, u.txt"), "{list}");
    assert_eq!(lines.len(), 2);
    assert_eq!(s.bak(["log", "--moments"]).stdout.lines().count(), 2);
    assert_eq!(s.bak(["log", "--moments", "-n", "1"]).stdout.lines().count(), 1);
    let of_folder = s.bak(["log", "--moments", "new"]).stdout;
    assert!(of_folder.lines().count() == 1 && of_folder.contains("git clean"), "{of_folder}");
    undo(&s, &[]);
    let list = s.bak(["undo", "--list"]).stdout;
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[0].contains("  undo                 a.txt"), "{list}");
    assert!(lines[1].contains("  git reset -q --hard  undone  a.txt"), "{list}");
}

#[test]
fn the_document_has_the_same() {
    let s = with_work();
    let id = |text: &str| crate::backup_files::blob_id(&s, text.as_bytes());
    git(&s, "checkout -q a.txt");
    undo(&s, &[]);
    let all = moments(&s);
    let (undone, moment) = (&all[0], &all[1]);
    assert_eq!(undone["undoes"], moment["moment"]);
    assert_eq!((&moment["undone"], &undone["undone"]), (&true.into(), &false.into()));
    assert_eq!(
        (&moment["command"], &moment["branch"]),
        (&"git checkout -q".into(), &"refs/heads/main".into())
    );
    let file = &moment["files"][0];
    assert_eq!(file["path"], "a.txt");
    assert_eq!((&file["before"], &file["after"]), (&id("edited\n").into(), &id("one\n").into()));
}

#[test]
fn more_than_a_few_files_are_counted() {
    let s = with_work();
    for n in 0..8 {
        s.write(&format!("f{n}"), "x\n");
    }
    git(&s, "clean -fdq");
    let list = s.bak(["undo", "--list"]).stdout;
    assert!(list.trim_end().ends_with("f0, f1, f2, and 7 more"), "{list}");
    let ran = undo(&s, &[]);
    assert!(ran.stderr.contains("• and 5 more files\n"), "{ran:?}");
}
