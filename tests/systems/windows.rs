//! Windows: a mark on a file keeps it from being replaced there.

use crate::scratch::Scratch;

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
    s.bak(["restore", "a.txt"]);
    assert_eq!(s.read("a.txt"), "kept\n");
    assert!(file.metadata().unwrap().permissions().readonly());
}
