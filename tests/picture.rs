//! The picture at the top of README.md: what the program prints today, and readable.

use crate::scratch::{BAK, Ran, Scratch};

const PICTURE: &str = include_str!("../install/picture.svg");

#[test]
fn it_shows_what_the_program_prints() {
    let s = Scratch::empty();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/install/picture.sh");
    let drawn = Ran::of(&s.command("sh").args([script, BAK]).output().unwrap()).expect_success();
    assert_eq!(drawn.stderr, "");
    assert!(drawn.stdout == PICTURE, "draw it again, as install/picture.sh says: {}", drawn.stdout);
    assert!(include_str!("../README.md").contains("](install/picture.svg)"));
}

#[test]
fn its_letters_stand_out_from_its_ground_in_the_light_and_in_the_dark() {
    let (light, dark) = PICTURE.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let dark = dark.split_once("</style>").unwrap().0;
    for (style, name) in [(light, "light"), (dark, "dark")] {
        let fills = style.split("fill: #").skip(1).map(|rest| &rest[..6]);
        let fills: Vec<f64> = fills.map(luminance).collect();
        let (ground, letters) = fills.split_first().unwrap();
        assert_eq!(letters.len(), 6, "{style}");
        for ink in letters {
            let (high, low) = (ground.max(*ink), ground.min(*ink));
            // What WCAG 2 asks for text of this size.
            assert!((high + 0.05) / (low + 0.05) >= 4.5, "{name}: {ink} on {ground}");
        }
    }
}

/// How bright a colour is, from 0 to 1 (WCAG 2).
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let part = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}
