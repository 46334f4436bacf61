//! Settings of every form, made by dice: what is in them stays, and ours comes and goes.

use super::edit::{command_in, replaced, with_command, without_command};
use super::table::TABLE;
use crate::model::agents::agent_name::AgentName;

const COMMAND: &str = "'/it'\\''s \"here\"/git-bak' hook agent claude || exit 0";

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn of(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.of(of.len() as u64)).unwrap()]
    }

    fn blank(&mut self) -> &'static str {
        self.one(&["", "", " ", "\n", "\r\n  ", "\t", "/* c, { */", " // d\n"])
    }

    fn value(&mut self, depth: u64) -> String {
        match self.of(if depth == 0 { 2 } else { 4 }) {
            0 => self.one(&["12345678901234567890123", "-1.50e+3", "true", "null"]).to_owned(),
            1 => self.one(&["\"caf\\u00e9\"", "\"é // \\\" {\"", "\"\""]).to_owned(),
            2 => self.list('[', ']', depth, |_, _| String::new()),
            _ => self.list('{', '}', depth, |dice, n| {
                format!("\"k{n}\"{}:{}", dice.blank(), dice.blank())
            }),
        }
    }

    fn list(
        &mut self,
        open: char,
        close: char,
        depth: u64,
        name: fn(&mut Self, u64) -> String,
    ) -> String {
        let mut text = open.to_string();
        let number = self.of(4);
        for n in 0..number {
            text += self.blank();
            text += &name(self, n);
            text += &self.value(depth - 1);
            text += self.blank();
            text += if n + 1 < number { "," } else { self.one(&["", "", ","]) };
        }
        text + self.blank() + &close.to_string()
    }

    /// Settings, with hooks of others perhaps.
    fn settings(&mut self) -> String {
        let mut text = self.list('{', '}', 3, |_, n| format!("\"k{n}\":"));
        if self.of(2) == 0 {
            let event = self.one(&["Stop", "PreToolUse", "preToolUse", "BeforeTool"]);
            let comma = if text[1..].contains('"') { "," } else { "" };
            let list = self.list('[', ']', 3, |_, _| String::new());
            text = format!("{{ \"hooks\": {{ \"{event}\": {list} }}{comma}{}", &text[1..]);
        }
        format!("{}{text}{}", self.blank(), self.blank())
    }
}

/// But for blanks: in a list that was empty there are others then.
fn is_in_order(bytes: &str, text: &str) -> bool {
    let mut rest = text.bytes();
    without_blanks(bytes).bytes().all(|byte| rest.any(|other| other == byte))
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn every_letter_of_the_settings_stays_and_our_command_comes_and_goes() {
    let (mut dice, mut refused) = (Dice(1), 0);
    for _ in 0..500 {
        let text = dice.settings();
        for row in &TABLE[..4] {
            let new = with_command(&row.form, Some(&text), COMMAND).unwrap();
            assert!(is_in_order(&text, &new), "{text}\n{new}");
            assert_eq!(command_in(&new, AgentName::Claude).as_deref(), Some(COMMAND), "{new}");
            let other =
                replaced(&row.form, &new, COMMAND, "x hook agent claude || exit 0").unwrap();
            assert!(!other.contains("here") && is_in_order(&text, &other), "{other}");
            let Ok(rest) = without_command(&row.form, &new, COMMAND) else {
                assert!(text.contains("//") || text.contains("/*"), "{new}");
                refused += 1;
                continue;
            };
            assert_eq!(command_in(&rest, AgentName::Claude), None, "{rest}");
            let left: Vec<String> = [&text, &rest].map(|it| without_blanks(it)).into();
            // A list that was there and empty is not told from one of ours; a comma may come or go with it.
            let plain = |text: &String| {
                let text = text.replace("/*c,{*/", "").replace("//d", "");
                text.replace(",]", "]").replace(",}", "}")
            };
            let is_empty = plain(&left[0]).contains("\":[]}");
            assert!(
                is_empty || plain(&left[0]) == plain(&left[1]),
                "{text}\n--\n{new}\n--\n{rest}"
            );
        }
    }
    assert!(refused < 500, "{refused} of 2,000");
}

#[test]
fn a_command_is_found_in_the_quotes_it_stands_in() {
    let agent = AgentName::Claude;
    for (text, command) in [
        (
            r#"{"a": "b", "command": "x hook agent claude || exit 0"}"#,
            "x hook agent claude || exit 0",
        ),
        (r#"["\"q\\\" hook agent claude || exit 0"]"#, r#""q\" hook agent claude || exit 0"#),
    ] {
        assert_eq!(command_in(text, agent).as_deref(), Some(command), "{text}");
    }
    for text in [
        "",
        " hook agent claude || exit 0\"",
        "\"x hook agent codex || exit 0\"",
        "\"\\x hook agent claude || exit 0\"",
    ] {
        assert_eq!(command_in(text, agent), None, "{text}");
    }
}

#[test]
fn a_comment_that_would_go_with_ours_is_too_much() {
    let form = &TABLE[0].form;
    let text = "{\"hooks\": {\"PreToolUse\": [\n  {\"hooks\": []} // mine\n]}}";
    let new = with_command(form, Some(text), COMMAND).unwrap();
    let error = without_command(form, &new, COMMAND).unwrap_err();
    assert_eq!(error.to_string(), "a comment of yours would be lost with it");
}
