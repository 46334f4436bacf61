//! Which messages a test has heard.

use std::collections::BTreeSet;
use std::fs;

use super::literals::literals;
use super::{Message, files, messages, sources};

/// What tests say: their own texts, and the screens that they compare with.
fn said_by_tests() -> Vec<String> {
    let mut said: BTreeSet<String> = BTreeSet::new();
    let mut add = |code: &str| said.extend(literals(code).into_iter().map(|it| it.text));
    for path in files("tests", "rs") {
        // What these files say of messages is no test of any.
        if !path.components().any(|part| part.as_os_str() == "messages") {
            add(&fs::read_to_string(path).unwrap());
        }
    }
    sources().iter().for_each(|(_, _, tests)| add(tests));
    for path in files("tests", "txt") {
        said.extend(fs::read_to_string(path).unwrap().lines().map(str::to_owned));
    }
    let is_telling = |text: &String| text.len() >= 6 && text.trim().contains(' ');
    said.into_iter().filter(is_telling).collect()
}

/// Whether a test's text names the message: one of their parts is in the other, and long enough to tell. Of
/// a message without such a part (it is put together of names) all parts stand in the text, in their order.
fn is_heard(message: &Message, said: &[String]) -> bool {
    let fixed = message.fixed();
    let telling = fixed.iter().map(|part| part.trim()).filter(|part| part.len() >= 6);
    let telling: Vec<&str> = telling.collect();
    if telling.is_empty() {
        return said.iter().any(|text| are_in(&fixed, text));
    }
    said.iter().any(|text| {
        fixed.iter().any(|part| part.contains(text.trim()))
            || telling.iter().any(|part| text.contains(part))
    })
}

/// Whether the text has these parts, one after the other.
fn are_in(parts: &[String], text: &str) -> bool {
    let mut rest = text;
    parts.iter().all(|part| {
        let after = rest.split_once(part.as_str()).map(|(_, after)| after);
        rest = after.unwrap_or_default();
        after.is_some()
    })
}

/// Whether it is a message of its own. What other layers say is the reason behind one.
fn is_met(message: &Message) -> bool {
    ["term/", "commands/"].iter().any(|layer| message.file.starts_with(layer))
}

#[test]
fn every_message_is_named_by_a_test() {
    let said = said_by_tests();
    let unheard: Vec<Message> =
        messages().into_iter().filter(is_met).filter(|message| !is_heard(message, &said)).collect();
    assert!(unheard.is_empty(), "no test names {} messages: {unheard:#?}", unheard.len());
}
