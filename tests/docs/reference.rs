//! docs/reference.md against the program: commands, options, settings and JSON are all there, and nothing else is.
//! Every command and setting that another page names is one that there is.

use std::collections::{BTreeMap, BTreeSet};

use git_bak::model::settings::Settings;
use git_bak::model::settings::config_entry::ConfigEntry;
use serde_json::Value;

use super::{Page, page, pages, rows};
use crate::scratch::Scratch;

const REFERENCE: &str = "docs/reference.md";

/// The verbs that the help lists, each with its options, short and long.
fn verbs(s: &Scratch) -> BTreeMap<String, BTreeSet<String>> {
    let help = s.bak(["--help"]).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let listed =
        listed.filter_map(|line| line.strip_prefix("  ").filter(|it| !it.starts_with(' ')));
    let listed = listed.filter_map(|line| line.split_whitespace().next());
    listed
        .filter(|it| *it != "help")
        .map(|verb| {
            (verb.to_owned(), if verb == "vault" { BTreeSet::new() } else { options(s, verb) })
        })
        .collect()
}

fn options(s: &Scratch, verb: &str) -> BTreeSet<String> {
    let help = s.bak([verb, "-h"]).stdout;
    let lines = help.lines().skip_while(|line| *line != "Options:").skip(1).map(str::trim_start);
    let named =
        lines.filter(|line| line.starts_with('-')).map(|line| line.split("  ").next().unwrap());
    let mut all: BTreeSet<String> = named.flat_map(dashed).collect();
    all.retain(|it| it != "-h" && it != "--help");
    assert!(all.iter().all(|it| it.len() > 1));
    all
}

/// The words of a text that are options.
fn dashed(text: &str) -> Vec<String> {
    let is_of_option = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let words = text.split(|c: char| !is_of_option(c));
    words
        .filter(|word| word.starts_with('-') && word.len() > 1 && *word != "--")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_reference_has_the_commands_and_options_of_the_help() {
    let s = Scratch::new();
    let text = page(REFERENCE);
    let commands = text.section("## Commands");
    let mut documented = BTreeMap::new();
    for part in commands.split("\n### `git bak ").skip(1) {
        let (verb, rest) = part.split_once('`').unwrap();
        // Up to a heading that is no command's.
        let rest = rest.split("\n### ").next().unwrap();
        let cells = rows(rest).into_iter().map(|row| row[0].clone());
        documented
            .insert(verb.to_owned(), cells.flat_map(|cell| dashed(&cell)).collect::<BTreeSet<_>>());
    }
    assert_eq!(documented, verbs(&s));
}

/// The commands of a text that name `git bak`, each up to its end.
fn named(text: &str) -> Vec<String> {
    let starts = text.match_indices("git bak ");
    let rest = starts.map(|(at, start)| &text[at + start.len()..]);
    let ends = |rest: &str| {
        let end = rest.find(['\n', ';', '#', '…', ',']).into_iter().chain(rest.find(". ")).min();
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    rest.map(ends).collect()
}

fn commands(page: &Page) -> Vec<String> {
    let blocks = ["sh", "console", "text"].into_iter().flat_map(|kind| page.blocks(kind));
    let blocks = blocks.map(|(text, _)| text.replace("\\\n", " "));
    page.code()
        .into_iter()
        .map(|it| it.replace('\n', " "))
        .chain(blocks)
        .flat_map(|text| named(&text))
        .collect()
}

#[test]
fn every_command_on_any_page_is_one_that_there_is() {
    let s = Scratch::new();
    let verbs = verbs(&s);
    let mut number = 0;
    for page in pages().iter().chain([&super::page("CHANGELOG.md")]) {
        for command in commands(page) {
            let mut words = command.split_whitespace();
            let verb = words.next().unwrap_or_default().trim_matches(['\'', '`']);
            if ["", "help", "hook", "COMMAND"].contains(&verb) || verb.starts_with('-') {
                continue;
            }
            let Some(options) = verbs.get(verb) else { panic!("{}: git bak {command}", page.name) };
            // Git's own options, those of a command that is run, and what follows it.
            let words = words.take_while(|word| !["--", "&&", "||", "|", "then"].contains(word));
            let typed = words
                .filter(|word| word.starts_with("--"))
                .flat_map(|word| dashed(word).into_iter().take(1));
            for option in typed.filter(|_| !["vault", "diff"].contains(&verb)) {
                assert!(options.contains(&option), "{}: git bak {command}", page.name);
            }
            number += 1;
        }
    }
    assert!(number > 100, "{number}");
}

/// The settings and defaults of the reference.
fn documented_settings() -> Vec<(String, String)> {
    let text = page(REFERENCE);
    let rows = rows(text.section("## Settings"));
    let settings = rows.into_iter().filter(|row| row[0].starts_with("`bak."));
    settings
        .map(|row| (row[0].trim_matches('`').to_owned(), row[1].trim_matches('`').to_owned()))
        .collect()
}

/// Every `bak.…` that a text names in the form of a setting.
fn settings_in(text: &str) -> BTreeSet<String> {
    let starts = text.match_indices("bak.");
    let outside = starts.filter(|(at, _)| {
        !text[..*at].ends_with(|c: char| c.is_alphanumeric() || "-.*/".contains(c))
    });
    let names = outside.map(|(at, _)| {
        let name = &text[at + 4..];
        &text[at..at + 4 + name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len())]
    });
    names.filter(|name| name.len() > 4).map(str::to_owned).collect()
}

#[test]
fn the_reference_has_every_setting_with_its_default() {
    let source = include_str!("../../src/model/settings/mod.rs");
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap();
    let documented = documented_settings();
    let keys: BTreeSet<String> = documented.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(keys, settings_in(source));
    let entry = |(key, value): &(String, String)| ConfigEntry {
        key: key.to_lowercase().into_bytes(),
        value: Some(value.clone().into_bytes()),
        origin: "file:reference".to_owned(),
    };
    let entries: Vec<ConfigEntry> =
        documented.iter().filter(|(_, value)| value != "none").map(entry).collect();
    let (settings, problems) = Settings::read(&entries);
    assert_eq!((settings, problems), (Settings::default(), Vec::new()));
    for page in pages().iter().chain([&page("CHANGELOG.md")]) {
        let unknown: BTreeSet<_> = settings_in(&page.text).difference(&keys).cloned().collect();
        assert_eq!(unknown, BTreeSet::new(), "{}", page.name);
    }
}

#[cfg(unix)]
#[test]
fn the_agents_page_has_the_files_that_are_written() {
    let s = Scratch::new();
    let page = page("docs/agents.md");
    let files = rows(page.section("## The settings it changes"));
    assert_eq!(files.len(), 7);
    for (row, name) in
        files.iter().skip(1).zip(["claude", "codex", "gemini", "cursor", "copilot", "opencode"])
    {
        for (cell, shared) in [(&row[1], None), (&row[2], Some("--shared"))] {
            let said = s.bak(["install", "--agent", name].into_iter().chain(shared)).stderr;
            let file = cell.trim_matches(['`', '~']);
            assert!(
                said.contains(&row[0]) && said.contains(&format!("{file})")),
                "{row:?}: {said}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn the_line_for_husky_is_the_one_that_is_printed() {
    use crate::scratch::BAK;
    let s = Scratch::empty();
    for (file, text) in [
        ("_/pre-commit", ". \"$(dirname \"$0\")/h\"\n"),
        ("_/h", ""),
        ("pre-commit", "npx lint-staged\n"),
    ] {
        s.write(&format!(".husky/{file}"), text);
    }
    s.git(["config", "core.hooksPath", ".husky/_"]);
    let said = s.try_bak(["install"]).stderr;
    let line = said.split("first line: ").nth(1).unwrap().lines().next().unwrap();
    let program = BAK.replace(env!("CARGO_MANIFEST_DIR"), "");
    assert!(line.contains(&program), "{said}");
    let shown = line.replace(BAK, "/home/me/git-bak");
    let pages = page("docs/hook-managers.md").blocks("sh");
    assert!(pages.iter().any(|(text, _)| *text == format!("{shown}\nnpx lint-staged")), "{shown}");
}

/// The places of a document that have a value.
fn shape(value: &Value, at: &str, all: &mut BTreeSet<String>) {
    all.insert(at.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| shape(value, &format!("{at}.{key}"), all));
        }
        Value::Array(items) => items.iter().for_each(|item| shape(item, &format!("{at}[]"), all)),
        _ => {}
    }
}

fn shape_of(text: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    shape(&serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}")), "", &mut all);
    all
}

/// A repository in which each document has something of everything.
#[cfg(target_os = "linux")]
fn eventful() -> Scratch {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    s.write("a.txt", "one\ntwo\n");
    assert_eq!(s.try_git(["commit", "-qam", "second"]).status, 1);
    s.write("a.txt", "one\ntwo\nthree\n");
    s.git(["reset", "-q", "--hard"]);
    s.write("new.txt", "new\n");
    s.git(["init", "-q", "--bare", "../backup.git"]);
    s.git(["config", "bak.remote", "../backup.git"]);
    s
}

#[cfg(target_os = "linux")]
#[test]
fn every_json_document_has_the_fields_of_the_reference() {
    let s = eventful();
    let mut number = 0;
    for (text, mark) in page(REFERENCE).blocks("json") {
        let args = mark.filter(|(what, _)| what == "json").expect("a mark").1;
        let ran = s.try_bak(args.split(' ').chain(["--json"]));
        assert_eq!(shape_of(&ran.stdout), shape_of(&text), "{args}: {}", ran.stdout);
        number += 1;
    }
    assert_eq!(number, 6);
}

#[test]
fn settings_for_editors_and_agents_are_json() {
    let blocks = page("docs/agents.md").blocks("json");
    assert_eq!(blocks.len(), 3);
    for (text, _) in blocks {
        // Some are what goes between brackets that are there already.
        let whole = serde_json::from_str::<Value>(&text);
        let value = whole.or_else(|_| serde_json::from_str(&format!("{{{text}}}"))).expect(&text);
        assert!(value.is_object(), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn what_an_agent_runs_before_a_change_keeps_what_is_there() {
    let s = Scratch::new();
    let text = page("docs/agents.md").text;
    let command = text.split("\"command\": \"git-bak").nth(1).unwrap().split('"').next().unwrap();
    s.write("new.txt", "new\n");
    let input = serde_json::json!({ "file_path": s.top().join("new.txt"), "content": "x" });
    let event = serde_json::json!({ "tool_name": "Write", "tool_input": input }).to_string();
    std::fs::write(s.root().join("event"), event).unwrap();
    let event = std::fs::File::open(s.root().join("event")).unwrap();
    let ran =
        s.command("sh").args(["-c", &format!("git-bak{command}")]).stdin(event).output().unwrap();
    assert!(ran.status.success() && ran.stdout.is_empty(), "{ran:?}");
    assert!(s.vault_has("new.txt", "new\n"));
}
