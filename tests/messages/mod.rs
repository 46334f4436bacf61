//! Every line that can be printed: that all speak with one voice, and that a test has heard each of them.
//!
//! The messages are read out of the sources: every text in `src/term` that is prose, and the errors of the
//! other layers. What a test says of a message, in a text of its own that is part of it, counts as heard.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

mod heard;
mod literals;

use literals::literals;

/// A text that may be printed, and the file it is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    file: String,
    text: String,
}

impl Message {
    /// Its parts that are the same whatever it is about.
    fn fixed(&self) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut letters = self.text.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '{' | '}' if letters.peek() == Some(&letter) => {
                    letters.next();
                    parts.last_mut().unwrap().push(letter);
                }
                '{' => {
                    letters.by_ref().find(|&letter| letter == '}');
                    parts.push(String::new());
                }
                _ => parts.last_mut().unwrap().push(letter),
            }
        }
        parts
    }

    /// It is prose: two words of letters at least, and no line of a shell's.
    fn is_prose(&self) -> bool {
        let is_word = |word: &str| {
            let letters = word.trim_matches(|c: char| c.is_ascii_punctuation());
            letters.len() > 1 && letters.chars().all(|c| c.is_alphabetic() || "'-".contains(c))
        };
        let is_command = ["git ", "cp ", "mv ", "rm ", "sed{", "printf ", "{{ ", "{lines} >"]
            .iter()
            .any(|start| self.text.starts_with(start));
        !is_command
            && self.fixed().join(" ").split_whitespace().filter(|word| is_word(word)).count() > 1
    }
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The sources, each by its name below `src`, parted into what is built and its unit tests.
fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let text = fs::read_to_string(&path).unwrap();
        if name.ends_with("tests.rs") {
            return (name, String::new(), text);
        }
        let (built, tests) = text.split_once("#[cfg(test)]\nmod ").unwrap_or((&text, ""));
        (name, built.to_owned(), tests.to_owned())
    };
    files("src", "rs").into_iter().map(read).collect()
}

/// What stands before a text that is an error's.
const ERRORS: [&str; 8] = [
    "bail!(",
    "anyhow!(",
    "ensure!(",
    ".context(",
    ".with_context(|| ",
    "UsageError(",
    "NothingFound(",
    "io::Error::other(",
];

/// Every message.
fn messages() -> BTreeSet<Message> {
    let mut all = BTreeSet::new();
    for (file, built, _) in sources() {
        let is_term = file.starts_with("term/") && !file.starts_with("term/json");
        for literal in literals(&built) {
            let before = literal.before.trim_end().trim_end_matches("format!(").trim_end();
            let is_error = ERRORS.iter().any(|start| before.ends_with(start.trim_end()));
            let message = Message { file: file.clone(), text: literal.text };
            if (is_term || is_error) && message.is_prose() {
                all.insert(message);
            }
        }
    }
    assert!(all.len() > 200, "only {} messages were found", all.len());
    all
}

/// `apply` and `run` say what they do in sentences of their own, with capitals and dots: users know them so.
fn is_of_the_upgrade(message: &Message) -> bool {
    ["term/upgrade.rs", "term/run.rs", "term/rollback.rs"].contains(&message.file.as_str())
}

/// Fails with the messages that are `wrong`.
fn none_is(what: &str, wrong: impl Fn(&Message) -> bool) {
    let wrong: Vec<Message> = messages().into_iter().filter(wrong).collect();
    assert!(wrong.is_empty(), "{what}: {wrong:#?}");
}

#[test]
fn a_message_begins_in_lower_case() {
    const NAMES: [&str; 4] = ["Git ", "HEAD ", "GIT_TEMPLATE_DIR ", "Windows "];
    none_is("a capital", |message| {
        let begins = message.text.chars().next().unwrap();
        let is_name = NAMES.iter().any(|name| message.text.starts_with(name));
        begins.is_uppercase() && !is_name && !is_of_the_upgrade(message)
    });
}

#[test]
fn a_message_ends_without_a_full_stop_and_raises_no_voice() {
    none_is("a full stop", |message| {
        let text = message.text.trim_end_matches("...");
        text.ends_with(['.', ';', ',']) || (text != message.text && !is_of_the_upgrade(message))
    });
    none_is("an exclamation mark", |message| message.text.replace("#!/bin/sh", "").contains('!'));
}

#[test]
fn a_message_is_one_line() {
    none_is("several lines", |message| message.text.trim_end_matches("\\n").contains("\\n"));
    none_is("blanks in a row", |message| {
        message.file != "term/journal.rs" && message.fixed().iter().any(|part| part.contains("  "))
    });
}

#[test]
fn a_message_is_plain_ascii_but_for_its_mark() {
    // Marks, bars and cuts have another form where the locale is not UTF-8; words have one.
    none_is("a letter that not every terminal has", |message| !message.text.is_ascii());
}

#[test]
fn a_message_says_it_in_plain_words() {
    // Each with what is said here.
    const NOT_OURS: [(&str, &str); 18] = [
        ("cannot", "can't"),
        ("can not", "can't"),
        ("do not", "don't"),
        ("failed to", "can't"),
        ("unable to", "can't"),
        ("please", ""),
        ("sorry", ""),
        ("invalid", "is no …"),
        ("illegal", "is no …"),
        ("unexpected", ""),
        ("successfully", "what was done"),
        ("error:", "the reason itself"),
        ("warning:", "the reason itself"),
        ("stdin", "standard input"),
        ("stdout", "standard output"),
        ("stderr", "standard error"),
        ("blob", "content"),
        ("`", "the words as they are"),
    ];
    for (word, better) in NOT_OURS {
        none_is(&format!("'{word}' (better: '{better}')"), |message| {
            message.fixed().join("…").to_lowercase().contains(word)
        });
    }
}

#[test]
fn each_command_that_helps_is_one_that_there_is() {
    let s = crate::scratch::Scratch::empty();
    let help = s.bak(["--help"]).stdout;
    let verbs: BTreeSet<&str> =
        help.lines().filter_map(|line| line.split_whitespace().next()).collect();
    none_is("no such command", |message| {
        let named = message.text.match_indices("git bak ").map(|(at, start)| {
            let rest = &message.text[at + start.len()..];
            rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default()
        });
        named.into_iter().any(|verb| !verb.is_empty() && !verbs.contains(verb))
    });
}
