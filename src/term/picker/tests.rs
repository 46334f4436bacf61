//! What is drawn, at several sizes.

use super::*;
use crate::model::picker::Key;

fn files() -> Vec<FileLine> {
    let file =
        |name: &str, age: &str, is_gone| FileLine { name: name.into(), age: age.into(), is_gone };
    vec![file("src/main.rs", "2m ago", false), file("\"a\\nb\"", "3d ago", true)]
}

fn versions() -> Vec<VersionLine> {
    let version = |age: &str, lines, kind: &str| VersionLine {
        age: age.into(),
        size: "1.2 KiB".into(),
        lines,
        branch: "main".into(),
        kind: kind.into(),
        note: String::new(),
    };
    vec![version("2m ago", Some((12, 3)), "staged"), version("10h ago", None, "worktree")]
}

fn change() -> ShownChange {
    let text = |text: &str| text.as_bytes().to_vec();
    ShownChange::Lines(vec![
        line_diff::DiffLine::Place(text("@@ -1,2 +1,2 @@")),
        line_diff::DiffLine::Same(text("fn main() {")),
        line_diff::DiffLine::Removed(text("\told();")),
        line_diff::DiffLine::Added(text("\tnew(\x1b);")),
    ])
}

fn drawn(picker: &Picker, width: usize, height: usize) -> Vec<String> {
    drawn_in(picker, width, height, false)
}

fn drawn_in(picker: &Picker, width: usize, height: usize, is_ascii: bool) -> Vec<String> {
    let (files, versions, change) = (files(), versions(), change());
    let change = Some(&change);
    let view = View { picker, files: &files, versions: &versions, change, is_ascii };
    let layout = Layout::of(width, height, picker.choice().shown().len());
    view.draw(layout).iter().map(|line| line.text().trim_end().to_owned()).collect()
}

fn picker() -> Picker {
    Picker::new(files().into_iter().map(|line| line.name).collect())
}

fn opened() -> Picker {
    let mut picker = picker();
    picker.open(0, versions().iter().map(VersionLine::words).collect(), 0);
    picker
}

#[test]
fn where_there_is_room_the_difference_stands_beside_the_list() {
    let lines = [
        "restore which version of src/main.rs?",
        ">  2m ago  1.2 KiB  +12 -3  main  staged       │ @@ -1,2 +1,2 @@",
        "  10h ago  1.2 KiB    -     main  worktree     │  fn main() {",
        "                                               │ -    old();",
        "                                               │ +    new(\\u{1b});",
        "                                               │",
        "↑ ↓ choose   enter restore   ← files   esc leave   letters filter   pgup pgdn scroll",
    ];
    let shown = drawn(&opened(), 100, 7);
    assert_eq!(shown.len(), 7);
    let shown: Vec<String> =
        shown.iter().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let wanted: Vec<String> =
        lines.iter().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(shown, wanted);
}

#[test]
fn where_there_is_none_it_stands_below() {
    let lines = [
        "restore which file?",
        "> src/main.rs                                         2m ago",
        "  \"a\\nb\"                                      gone    3d ago",
        "────────────────────────────────────────────────────────────",
        "@@ -1,2 +1,2 @@",
        " fn main() {",
        "-    old();",
        "+    new(\\u{1b});",
        "↑ ↓ choose   enter versions   esc leave   letters filter   …",
    ];
    assert_eq!(drawn(&picker(), 60, 9), lines);
}

#[test]
fn where_the_locale_has_no_more_everything_is_in_plain_letters() {
    for (picker, keys) in [
        (picker(), "up down choose   enter versions   esc leave   letters filter   pg..."),
        (opened(), "up down choose   enter restore   left files   esc leave   letters..."),
    ] {
        let shown = drawn_in(&picker, 68, 9, true);
        assert!(shown.iter().all(|line| line.is_ascii()), "{shown:?}");
        assert_eq!(shown.last().unwrap(), keys);
    }
}

#[test]
fn a_filter_is_shown_and_that_it_leaves_nothing() {
    let mut picker = picker();
    picker.press(Key::Letter('x'));
    assert_eq!(drawn(&picker, 60, 9)[0], "restore which file?  /x_  no match");
}

#[test]
fn the_difference_is_scrolled() {
    let mut picker = opened();
    picker.press(Key::Scroll(2));
    assert!(drawn(&picker, 60, 9).contains(&"-    old();".to_owned()));
    assert!(!drawn(&picker, 60, 9).contains(&" fn main() {".to_owned()));
}

#[test]
fn every_screen_is_filled_and_none_is_exceeded() {
    for picker in [picker(), opened()] {
        for width in [0, 1, 5, 20, 60, 89, 90, 100, 200] {
            for height in [2, 3, 4, 5, 8, 24, 60] {
                let lines = drawn(&picker, width, height);
                assert_eq!(lines.len(), height, "{width} x {height}: {lines:#?}");
                let widest = lines.iter().map(|line| crate::term::columns::width(line)).max();
                assert!(widest.unwrap() <= width, "{width} x {height}: {lines:#?}");
            }
        }
    }
}

#[test]
fn the_chosen_line_is_always_in_sight() {
    let layout = Layout::of(60, 24, 100);
    for chosen in 0..100 {
        assert!(layout.visible(chosen, 100).contains(&chosen), "{chosen}");
    }
}

#[test]
fn what_can_not_be_shown_as_lines_is_said() {
    let (files, versions, picker) = (files(), versions(), opened());
    let said = |change: &ShownChange| {
        let change = Some(change);
        let view =
            View { picker: &picker, files: &files, versions: &versions, change, is_ascii: true };
        view.draw(Layout::of(60, 12, 2))[4].text()
    };
    assert_eq!(said(&ShownChange::Nothing), "the file is the same now");
    assert_eq!(said(&ShownChange::Bytes(Some(5), 2048)), "no text: 2 KiB, and 5 B now");
    assert_eq!(said(&ShownChange::Bytes(None, 1)), "no text: 1 B, and the file is gone");
    assert_eq!(said(&ShownChange::TooMuch), "too big to compare here: see git bak diff");
    assert_eq!(said(&ShownChange::Unreadable("why".into())), "why");
}

#[test]
fn a_version_that_is_what_the_file_is_says_so_in_place_of_numbers() {
    let (files, mut versions, picker) = (files(), versions(), opened());
    versions[0].lines = Some((0, 0));
    let view =
        View { picker: &picker, files: &files, versions: &versions, change: None, is_ascii: true };
    assert!(view.draw(Layout::of(60, 12, 2))[1].text().contains("  as now   main  staged"));
}
