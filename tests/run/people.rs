//! What a person does meanwhile is kept, and what could not be saved is not touched.

use super::*;

#[test]
fn what_a_person_types_meanwhile_is_in_the_vault() {
    let s = rich();
    let before = standing(&s, s.top());
    let line = "(cd ..; cd repo; echo typed >edited.txt; echo idea >idea.txt); exit 1";
    let ran = run(&s, &[], line);
    assert_eq!((ran.status, standing(&s, s.top())), (1, before), "{ran:#?}");
    assert!(s.vault_has("edited.txt", "typed\n") && s.vault_has("idea.txt", "idea\n"));
    // And back out of it.
    s.bak(["restore", "--yes", "idea.txt"]);
    assert_eq!(s.read("idea.txt"), "idea\n");
}

#[test]
fn a_folder_with_ignored_files_in_it_stays_though_the_command_put_others_there() {
    let s = rich();
    let before = standing(&s, s.top());
    let ran = run(&s, &[], "echo n >'beside/n.txt'; echo o >beside/x.o; false");
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(!s.exists("beside/n.txt") && s.exists("beside/x.o"));
    fs::remove_file(s.top().join("beside/x.o")).unwrap();
    assert_eq!(standing(&s, s.top()), before);
}

#[test]
fn another_repository_inside_is_left_alone() {
    let s = rich();
    let ran = run(&s, &[], "git init -q clone; echo x >clone/f; echo x >clean.txt; false");
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert_eq!((s.read("clone/f").as_str(), s.read("clean.txt").as_str()), ("x\n", "clean\n"));
    assert_over(&s);
}
