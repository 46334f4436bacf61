//! What the README has for copying: settings that can be read, and commands that there are.

use std::collections::BTreeSet;

use crate::scratch::Scratch;

const README: &str = include_str!("../README.md");

/// The texts between fences of this kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let fence = format!("```{kind}\n");
    let after = README.split(fence.as_str()).skip(1);
    after.map(|text| text.split_once("\n```").unwrap().0).collect()
}

/// What it is in JSON; some blocks are what goes between brackets that are there already.
fn json(text: &str) -> serde_json::Value {
    let whole = serde_json::from_str(text);
    whole.or_else(|_| serde_json::from_str(&format!("{{{text}}}"))).expect(text)
}

/// Every command in it that a shell is given.
fn commands(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| match value.as_str() {
                Some(line) if key == "command" && line.contains(' ') => vec![line.to_owned()],
                _ => commands(value),
            })
            .collect(),
        serde_json::Value::Array(items) => items.iter().flat_map(commands).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn settings_for_editors_and_agents_are_json() {
    let blocks = blocks("json");
    assert!(blocks.len() > 2, "{blocks:?}");
    blocks.iter().for_each(|text| assert!(json(text).is_object(), "{text}"));
}

#[test]
fn every_command_is_one_that_there_is() {
    let s = Scratch::new();
    let help = s.bak(["--help"]).stdout;
    let mut verbs: BTreeSet<&str> =
        help.lines().filter_map(|line| line.split_whitespace().next()).collect();
    verbs.extend(["hook", "help"]);
    let named = README.match_indices("git bak ").map(|(at, start)| {
        let rest = &README[at + start.len()..];
        rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap()
    });
    let unknown: BTreeSet<&str> =
        named.filter(|verb| !verb.is_empty() && !verbs.contains(verb)).collect();
    assert_eq!(unknown, BTreeSet::from(["list"; 0]));
}

#[cfg(unix)]
#[test]
fn what_an_agent_runs_before_a_change_keeps_what_is_there() {
    let s = Scratch::new();
    let all: Vec<String> =
        blocks("json").into_iter().flat_map(|text| commands(&json(text))).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    s.write("new.txt", "new\n");
    let input = serde_json::json!({ "file_path": s.top().join("new.txt"), "content": "x" });
    let event = serde_json::json!({ "tool_name": "Write", "tool_input": input }).to_string();
    std::fs::write(s.root().join("event"), event).unwrap();
    let event = std::fs::File::open(s.root().join("event")).unwrap();
    let ran = s.command("sh").args(["-c", &all[0]]).stdin(event).output().unwrap();
    assert!(ran.status.success() && ran.stdout.is_empty(), "{ran:?}");
    assert!(s.vault_has("new.txt", "new\n"));
}
