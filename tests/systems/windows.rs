//! Windows: one file has many names there, and a mark on a file keeps it from being replaced.

use std::path::{Path, PathBuf};

use crate::scratch::Scratch;

const FILE: &str = "Src/übung 1.txt";

fn lost_and_restored(s: &Scratch, typed_in: &Path, typed: &str) {
    s.write(FILE, "lost\n");
    s.at(typed_in).bak(["restore", "--yes", typed]);
    assert_eq!(s.read(FILE), "kept\n", "{typed} in {}", typed_in.display());
}

#[test]
fn a_file_is_found_by_each_of_its_names() {
    let s = Scratch::new();
    s.write(FILE, "kept\n");
    s.bak(["snapshot", r"Src\übung 1.txt"]);
    let whole = s.top().join(r"Src\übung 1.txt");
    let marked = whole.canonicalize().unwrap().to_string_lossy().into_owned();
    let whole = whole.to_string_lossy().into_owned();
    let slashes = whole.replace('\\', "/");
    let (drive, rest) = whole.split_at(1);
    let other_drive = drive.to_lowercase() + rest;
    let names =
        [r"Src\übung 1.txt", r".\SRC\ÜBUNG 1.TXT", "src/übung 1.txt", r"Src\..\src\übung 1.txt"];
    let whole = [&whole, &marked, &slashes, &other_drive, &whole.to_uppercase()];
    for typed in names.into_iter().chain(whole.map(String::as_str)) {
        lost_and_restored(&s, s.top(), typed);
    }
    let capitals = PathBuf::from(s.top().to_string_lossy().to_uppercase());
    for typed_in in [s.top().join("Src"), s.top().join("SRC"), capitals.join("SRC")] {
        lost_and_restored(&s, &typed_in, "übung 1.txt");
        lost_and_restored(&s, &typed_in, r"..\Src\übung 1.txt");
    }
    let listed = s.bak(["list", "--json", r"src\"]).stdout;
    assert!(listed.contains(FILE), "a folder, too: {listed}");
    let outside = s.try_bak(["restore", "--yes", r"..\other.txt"]);
    assert!(outside.stderr.contains(r"..\other.txt: outside the working tree "), "{outside:#?}");
}

#[test]
fn a_file_that_is_marked_read_only_is_restored_and_stays_so() {
    let s = Scratch::new();
    s.write("a.txt", "kept\n");
    s.bak(["snapshot", "a.txt"]);
    s.write("a.txt", "lost\n");
    let file = s.top().join("a.txt");
    let mut permissions = file.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&file, permissions).unwrap();
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "kept\n");
    assert!(file.metadata().unwrap().permissions().readonly());
}
