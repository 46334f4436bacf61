//! Keys in, state out.

use super::*;

fn files() -> Picker {
    let names = ["src/main.rs", "src/lib.rs", "README.md", "quick.rs"];
    Picker::new(names.map(str::to_owned).to_vec())
}

fn versions() -> Picker {
    let mut picker = files();
    let words = ["2m ago main staged", "1h ago topic worktree", "3h ago main manual"];
    picker.open(1, words.map(str::to_owned).to_vec(), 0);
    picker
}

/// Presses the letters, none of which may end it.
fn types(picker: &mut Picker, letters: &str) {
    for letter in letters.chars() {
        assert_eq!(picker.press(Key::Letter(letter)), KeyOutcome::Stays, "{letter}");
    }
}

#[test]
fn arrows_and_letters_move_and_stop_at_the_ends() {
    let mut picker = files();
    let steps = [
        (Key::Up, 0),
        (Key::Down, 1),
        (Key::Letter('j'), 2),
        (Key::Letter('k'), 1),
        (Key::Last, 3),
        (Key::Down, 3),
        (Key::First, 0),
    ];
    for (key, line) in steps {
        assert_eq!(picker.press(key), KeyOutcome::Stays);
        assert_eq!(picker.choice().line(), line, "{key:?}");
    }
}

#[test]
fn a_file_opens_and_a_version_is_restored() {
    let mut picker = files();
    picker.press(Key::Down);
    assert_eq!(picker.press(Key::Enter), KeyOutcome::Opens(1));
    assert_eq!(picker.press(Key::Into), KeyOutcome::Opens(1));
    let mut picker = versions();
    assert_eq!(picker.listed(), PickerList::Versions(1));
    assert_eq!(picker.press(Key::Into), KeyOutcome::Stays, "nothing is in a version");
    picker.press(Key::Down);
    assert_eq!(picker.press(Key::Enter), KeyOutcome::Restores { file: 1, version: 1 });
}

#[test]
fn every_way_out_leaves() {
    for mut picker in [files(), versions()] {
        assert_eq!(picker.press(Key::Letter('q')), KeyOutcome::Leaves);
        assert_eq!(picker.press(Key::Leave), KeyOutcome::Leaves);
        types(&mut picker, "rs");
        assert_eq!(picker.press(Key::Leave), KeyOutcome::Leaves, "while a filter is typed, too");
    }
}

#[test]
fn letters_filter_and_enter_takes_what_is_left() {
    let mut picker = files();
    types(&mut picker, "LIB");
    assert_eq!((picker.choice().shown(), picker.choice().filter()), (&[1][..], Some("lib")));
    assert_eq!(picker.press(Key::Enter), KeyOutcome::Opens(1));
    let mut picker = versions();
    types(&mut picker, "main man");
    assert_eq!(picker.choice().shown(), [2]);
    assert_eq!(picker.press(Key::Enter), KeyOutcome::Restores { file: 1, version: 2 });
}

#[test]
fn letters_that_move_are_typed_after_a_slash_or_another_letter() {
    let mut picker = files();
    types(&mut picker, "/q");
    assert_eq!(picker.choice().shown(), [3]);
    let mut picker = files();
    types(&mut picker, "quick".get(1..).unwrap());
    assert_eq!(picker.choice().filter(), Some("uick"));
    types(&mut picker, "q");
    assert_eq!(picker.choice().filter(), Some("uickq"));
}

#[test]
fn what_was_chosen_stays_chosen_while_the_filter_leaves_it() {
    let mut picker = files();
    picker.press(Key::Last);
    types(&mut picker, "rs");
    assert_eq!((picker.choice().shown(), picker.choice().chosen()), (&[0, 1, 3][..], Some(3)));
    types(&mut picker, "/");
    assert_eq!((picker.choice().shown(), picker.choice().chosen()), (&[][..], None));
    assert_eq!(picker.press(Key::Enter), KeyOutcome::Stays, "nothing is chosen");
    picker.press(Key::Erase);
    assert_eq!(picker.choice().shown(), [0, 1, 3]);
}

#[test]
fn erasing_empties_the_filter_and_then_goes_back() {
    let mut picker = versions();
    types(&mut picker, "to");
    picker.press(Key::Erase);
    picker.press(Key::Erase);
    assert_eq!((picker.choice().filter(), picker.listed()), (None, PickerList::Versions(1)));
    assert_eq!(picker.press(Key::Erase), KeyOutcome::Stays);
    assert_eq!(picker.listed(), PickerList::Files);
    assert_eq!(picker.press(Key::Erase), KeyOutcome::Stays, "there is nowhere to go");
    types(&mut picker, "/");
    assert_eq!(picker.choice().filter(), Some(""));
    picker.press(Key::Erase);
    assert_eq!(picker.choice().filter(), None);
}

#[test]
fn back_at_the_files_the_filter_and_the_place_are_what_they_were() {
    let mut picker = files();
    types(&mut picker, "src");
    picker.press(Key::Down);
    picker.open(1, vec!["1m ago".into()], 0);
    picker.press(Key::Back);
    assert_eq!((picker.choice().filter(), picker.choice().chosen()), (Some("src"), Some(1)));
}

#[test]
fn the_difference_scrolls_within_its_limits_and_begins_anew_with_another_line() {
    let mut picker = versions();
    picker.press(Key::Scroll(-5));
    assert_eq!(picker.scrolled(), 0);
    picker.press(Key::Scroll(30));
    picker.limit_scrolling(12);
    assert_eq!(picker.scrolled(), 12);
    picker.press(Key::Down);
    assert_eq!(picker.scrolled(), 0);
}

#[test]
fn nothing_to_choose_from_is_no_trouble() {
    let mut picker = Picker::new(Vec::new());
    let keys = [Key::Up, Key::Down, Key::Last, Key::Enter, Key::Into, Key::Erase, Key::Back];
    for key in keys.into_iter().chain([Key::Letter(' ')]) {
        assert_eq!(picker.press(key), KeyOutcome::Stays);
    }
    assert!(picker.marked().is_empty());
    types(&mut picker, "x");
    assert_eq!(picker.choice().chosen(), None);
}

#[test]
fn files_are_marked_one_after_the_other_and_enter_takes_them_all() {
    let mut picker = files();
    types(&mut picker, "  ");
    assert_eq!(picker.choice().line(), 2, "it goes on to the next");
    assert_eq!(picker.press(Key::Enter), KeyOutcome::RestoresMarked);
    assert_eq!(picker.marked().iter().copied().collect::<Vec<_>>(), [0, 1]);
    assert_eq!(picker.press(Key::Into), KeyOutcome::Opens(2), "the versions can be seen still");
    picker.press(Key::First);
    types(&mut picker, " ");
    assert_eq!(picker.marked().iter().copied().collect::<Vec<_>>(), [1], "the mark is gone");
    picker.press(Key::First);
    picker.press(Key::Down);
    types(&mut picker, " ");
    assert_eq!(picker.press(Key::Enter), KeyOutcome::Opens(2), "none is marked");
}

#[test]
fn what_a_filter_leaves_is_marked_and_a_filter_of_versions_has_blanks() {
    let mut picker = files();
    types(&mut picker, "lib ");
    assert_eq!((picker.choice().filter(), picker.marked().len()), (Some("lib"), 1));
    for _ in 0..3 {
        picker.press(Key::Erase);
    }
    types(&mut picker, "read ");
    assert_eq!(picker.marked().iter().copied().collect::<Vec<_>>(), [1, 2]);
    let mut picker = versions();
    types(&mut picker, "main ");
    assert_eq!((picker.choice().filter(), picker.marked().len()), (Some("main "), 0));
}

#[test]
fn the_events_are_asked_for_once_and_each_list_stays_where_it_was() {
    let mut picker = versions();
    picker.press(Key::Down);
    assert_eq!(picker.press(Key::Switch), KeyOutcome::ListsEvents);
    picker.list_events(vec!["2m ago git reset".into(), "1h ago git clean".into()]);
    assert_eq!((picker.listed(), picker.choice().shown().len()), (PickerList::Events, 2));
    picker.press(Key::Down);
    assert_eq!(picker.press(Key::Into), KeyOutcome::Stays);
    assert_eq!(picker.press(Key::Enter), KeyOutcome::Undoes(1));
    for back in [Key::Switch, Key::Back, Key::Erase] {
        assert_eq!(picker.press(back), KeyOutcome::Stays);
        assert_eq!((picker.listed(), picker.choice().line()), (PickerList::Versions(1), 1));
        assert_eq!(picker.press(Key::Switch), KeyOutcome::Stays);
        assert_eq!((picker.listed(), picker.choice().line()), (PickerList::Events, 1));
    }
    types(&mut picker, "reset ");
    assert_eq!((picker.choice().shown(), picker.marked().len()), (&[0][..], 0));
    assert_eq!(picker.press(Key::Letter('q')), KeyOutcome::Stays, "it is typed");
    assert_eq!(picker.press(Key::Leave), KeyOutcome::Leaves);
}
