//! What is drawn, at several sizes.

use super::*;
use crate::git::line_diff::DiffLine;
use crate::model::picker::Key;

fn files() -> Vec<FileLine> {
    let file = |name: &str, clock: &str, age: &str, is_gone| FileLine {
        name: name.into(),
        clock: clock.into(),
        age: age.into(),
        is_gone,
    };
    vec![
        file("src/main.rs", "20:10", "2m ago", false),
        file("\"a\\nb\"", "3 Nov 9:05", "3d ago", true),
    ]
}

fn versions() -> Vec<VersionLine> {
    let version = |clock: &str, age: &str, lines, fate: &str| VersionLine {
        clock: clock.into(),
        age: age.into(),
        size: "1.2 KiB".into(),
        lines,
        fate: fate.into(),
        ..VersionLine::default()
    };
    let newest = version("20:10", "2m ago", Some((12, 3)), "uncommitted");
    let labelled = VersionLine { note: "\"before the rewrite\"".into(), ..newest };
    vec![labelled, version("10:12", "10h ago", None, "in 1a2b3c4")]
}

fn events() -> Vec<EventLine> {
    let event = |clock: &str, age: &str, what: &str| EventLine {
        clock: clock.into(),
        age: age.into(),
        what: what.into(),
        files: "src/main.rs".into(),
    };
    vec![
        event("20:08", "2m ago", "git reset --hard, 31 files"),
        event("5 Nov 14:02", "1d ago", "Bash (Claude Code), 1 file"),
    ]
}

fn change() -> ShownChange {
    let text = |text: &str| text.as_bytes().to_vec();
    ShownChange::Lines(vec![
        DiffLine::Place(text("@@ -1,2 +1,2 @@")),
        DiffLine::Same(text("fn main() {")),
        DiffLine::Removed(text("\told();")),
        DiffLine::Added(text("\tnew(\x1b);")),
    ])
}

fn event_change() -> ShownChange {
    let said = ["src/main.rs: comes back, +12 -3", "new.rs: goes, +0 -4"];
    let ShownChange::Lines(lines) = change() else { unreachable!() };
    ShownChange::Event(said.map(str::to_owned).to_vec(), lines)
}

/// All that there is to show, as long as the tests run.
fn view<'a>(picker: &'a Picker, change: Option<&'a ShownChange>) -> View<'a> {
    View {
        picker,
        files: files().leak(),
        versions: versions().leak(),
        events: events().leak(),
        change,
        is_ascii: false,
    }
}

fn drawn(picker: &Picker, width: usize, height: usize) -> Vec<String> {
    drawn_in(picker, width, height, false)
}

fn drawn_in(picker: &Picker, width: usize, height: usize, is_ascii: bool) -> Vec<String> {
    let change = match picker.listed() {
        PickerList::Events => event_change(),
        _ => change(),
    };
    let view = view(picker, Some(&change));
    let view = View { is_ascii, ..view };
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

fn at_events() -> Picker {
    let mut picker = picker();
    picker.list_events(events().iter().map(EventLine::words).collect());
    picker
}

fn marking() -> Picker {
    let mut picker = picker();
    picker.press(Key::Letter(' '));
    picker.press(Key::Letter(' '));
    picker
}

#[test]
fn where_there_is_room_the_difference_stands_beside_the_list() {
    let lines = [
        "restore which version of src/main.rs?",
        "> 20:10   2m ago      +12 -3  uncommitted  \"befor… │ @@ -1,2 +1,2 @@",
        "  10:12  10h ago  1.2 KiB     in 1a2b3c4           │  fn main() {",
        "                                                   │ -    old();",
        "                                                   │ +    new(\\u{1b});",
        "                                                   │",
        "↑↓ choose  enter restore  ← files  esc leave  tab events  letters filter  pgup pgdn scroll",
    ];
    assert_eq!(drawn(&opened(), 100, 7), lines);
}

#[test]
fn where_there_is_none_it_stands_below() {
    let lines = [
        "restore which file?",
        "> src/main.rs                                 20:10   2m ago",
        "  \"a\\nb\"                           gone  3 Nov 9:05   3d ago",
        "────────────────────────────────────────────────────────────",
        "@@ -1,2 +1,2 @@",
        " fn main() {",
        "-    old();",
        "+    new(\\u{1b});",
        "↑↓ choose  enter versions  space mark  esc leave  tab events",
    ];
    assert_eq!(drawn(&picker(), 60, 9), lines);
}

#[test]
fn what_is_marked_is_counted_and_enter_says_what_it_does() {
    let lines = [
        "restore which files? 2 marked",
        " *src/main.rs",
        ">*\"a\\nb\"",
        "↑↓ choose  enter restore 2  space mark  esc leave  tab events  letters filter",
    ];
    let shown = drawn(&marking(), 80, 9);
    assert_eq!(shown[0], lines[0]);
    assert!(shown[1].starts_with(lines[1]) && shown[2].starts_with(lines[2]), "{shown:#?}");
    assert!(shown[8].starts_with(lines[3]), "{shown:#?}");
}

#[test]
fn an_event_stands_with_its_command_and_beside_it_what_comes_back() {
    let lines = [
        "undo which event?",
        ">       20:08  2m ago  git reset --hard, 31 files  │ src/main.rs: comes back, +12 -3",
        "  5 Nov 14:02  1d ago  Bash (Claude Code), 1 file  │ new.rs: goes, +0 -4",
        "                                                   │ @@ -1,2 +1,2 @@",
        "↑↓ choose  enter undo  esc leave  tab files  letters filter  pgup pgdn scroll",
    ];
    assert_eq!(drawn(&at_events(), 100, 5), lines);
    let narrow = drawn(&at_events(), 60, 9);
    assert_eq!(narrow[1], lines[1].split("  │").next().unwrap());
    assert_eq!(narrow[4], "src/main.rs: comes back, +12 -3");
    assert_eq!(narrow[8], "↑↓ choose  enter undo  esc leave  tab files  letters filter");
    let mut none = picker();
    none.list_events(Vec::new());
    let view = View { events: &[], ..view(&none, None) };
    assert_eq!(view.draw(Layout::of(60, 9, 0))[0].text(), "there is nothing to undo");
}

#[test]
fn where_the_locale_has_no_more_everything_is_in_plain_letters() {
    for (picker, keys) in [
        (picker(), "arrows choose  enter versions  space mark  esc leave  tab events"),
        (opened(), "arrows choose  enter restore  left files  esc leave  tab events"),
        (at_events(), "arrows choose  enter undo  esc leave  tab files  letters filter"),
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
    for picker in [picker(), opened(), marking(), at_events()] {
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
    let picker = opened();
    let said =
        |change: &ShownChange| view(&picker, Some(change)).draw(Layout::of(60, 12, 2))[4].text();
    assert_eq!(said(&ShownChange::Nothing), "the file is the same now");
    assert_eq!(said(&ShownChange::Bytes(Some(5), 2048)), "no text: 2 KiB, and 5 B now");
    assert_eq!(said(&ShownChange::Bytes(None, 1)), "no text: 1 B, and the file is gone");
    assert_eq!(said(&ShownChange::TooMuch), "too big to compare here: see git bak diff");
    assert_eq!(said(&ShownChange::Unreadable("why".into())), "why");
}

#[test]
fn a_version_that_is_what_the_file_is_says_so_in_place_of_numbers() {
    let (mut versions, picker) = (versions(), opened());
    versions[0].lines = Some((0, 0));
    let view = View { versions: &versions, ..view(&picker, None) };
    assert!(view.draw(Layout::of(60, 12, 2))[1].text().contains("   as now   uncommitted"));
}

#[test]
fn a_branch_stands_beside_the_versions_where_that_is_worth_a_word() {
    let (mut versions, picker) = (versions(), opened());
    (versions[0].branch, versions[1].branch) = ("main".into(), "topic/long".into());
    let view = View { versions: &versions, ..view(&picker, None) };
    let drawn = view.draw(Layout::of(80, 12, 2));
    assert!(drawn[1].text().contains("  uncommitted  main        \"before the rewrite\""));
    assert!(drawn[2].text().contains("  in 1a2b3c4   topic/long"));
}

#[test]
fn a_clock_has_the_day_only_where_that_is_another() {
    let now: Now = "2025-11-06T20:10:45+01:00".parse().unwrap();
    let said = |time: &str| clock(time.parse().unwrap(), &now);
    assert_eq!(said("20251106_090501"), "09:05");
    assert_eq!(said("20251105_235959"), "5 Nov 23:59");
}
