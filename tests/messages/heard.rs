//! Which messages a test has heard.

use std::collections::BTreeSet;
use std::fs;

use super::literals::literals;
use super::{Message, files, messages, sources};

/// Messages that no test can bring about without breaking the machine it runs on, each with what it would
/// take. Whoever adds a message writes a test that names it.
const UNHEARD: [(&str, &str); 22] = [
    ("the patch has no id", "a patch that applies, and that git patch-id makes nothing of"),
    ("the patch on standard input", "a standard input that can't be read"),
    ("the paths on standard input", "a standard input that can't be read"),
    ("{}: there is no backup of it", "a version that goes between two looks"),
    ("the terminal can't be used", "a terminal that can't be set"),
    (
        "its command still runs, as process {}: end that first",
        "a git-bak that dies before its child",
    ),
    ("both run, git-bak first, whichever was installed last", "a hook manager"),
    ("{}: husky runs no such hook: {what}", "a hook manager"),
    ("can be written again", "a user who may not write all files"),
    ("{check}: not put right: {error:#}", "a user who may not write all files"),
    ("can't be looked at: {error:#}", "a user who may not read all files"),
    ("{} was not removed: {error}", "a user who may not write all folders"),
    ("{}: not put back: {reason}", "a user who may not write all folders"),
    ("more backups left where they are", "a user who may not write all folders"),
    ("{text}: {} and {more} more", "(it is put together of names)"),
    (" and {more} more", "(it is put together of names)"),
    ("more backups retired", "more than six retired at once, where details are wanted"),
    ("its content is gone", "an object that goes between two looks"),
    ("this command", "a Git whose words the system doesn't tell"),
    ("the older hook from before", "two earlier hooks of a manager that is gone"),
    ("your own is kept as {}", "a hook that a manager took over"),
    (
        "{file} runs git-bak's hook, which it took over as {legacy} and somebody edited: {by_hand}",
        "a hook that a manager took over",
    ),
];

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

/// Whether a test's text names the message: one of their parts is in the other, and long enough to tell.
fn is_heard(message: &Message, said: &[String]) -> bool {
    let fixed = message.fixed();
    let telling = fixed.iter().map(|part| part.trim()).filter(|part| part.len() >= 6);
    let telling: Vec<&str> = telling.collect();
    said.iter().any(|text| {
        fixed.iter().any(|part| part.contains(text.trim()))
            || telling.iter().any(|part| text.contains(part))
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
    let new: Vec<&Message> = unheard
        .iter()
        .filter(|message| !UNHEARD.iter().any(|(text, _)| *text == message.text))
        .collect();
    assert!(new.is_empty(), "no test names {} messages: {new:#?}", new.len());
    for (text, _) in UNHEARD {
        assert!(
            unheard.iter().any(|message| message.text == text),
            "a test names it by now, or it is gone: {text}"
        );
    }
}
