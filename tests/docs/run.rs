//! Every command that a page shows is run as it is printed, one after the other, in a repository of the page's own.

use std::process::Command;

use super::{Part, pages};
use crate::scratch::{Ran, Scratch};

/// git-bak installed, and `notes.txt` and `todo.txt` committed.
fn repository() -> Scratch {
    let mut s = Scratch::empty();
    // Ids of commits are shown.
    for name in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
        s.set_env(name, "2025-11-06T20:00:00Z");
    }
    s.write("notes.txt", "first note\n");
    s.write("todo.txt", "nothing\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "first"]);
    s.bak(["install"]);
    std::fs::create_dir(s.root().join("home/.claude")).unwrap();
    s
}

fn shell(s: &Scratch, args: &[&str], text: &str) -> Ran {
    Ran::of(&s.command("sh").args(args).args(["-c", text]).output().unwrap())
}

/// Whether a line is what a page shows of it.
fn fits(line: &str, shown: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        let at = if parts.peek().is_none() {
            rest.len().checked_sub(part.len())
        } else {
            rest.find(part)
        };
        match at {
            Some(at) if rest.is_char_boundary(at) && rest[at..].starts_with(part) => {
                rest = &rest[at + part.len()..];
            }
            _ => return false,
        }
    }
    true
}

fn all_fit(lines: &[&str], shown: &[&str]) -> bool {
    match (lines, shown) {
        ([], []) => true,
        (_, ["…", rest @ ..]) => {
            (0..=lines.len()).any(|skipped| all_fit(&lines[skipped..], rest))
        }
        ([line, lines @ ..], [first, shown @ ..]) => fits(line, first) && all_fit(lines, shown),
        _ => false,
    }
}

/// Runs each command of a terminal session; it prints what is shown below it.
fn session(s: &Scratch, text: &str) -> Result<(), String> {
    for step in format!("\n{text}").split("\n$ ").skip(1) {
        let (command, shown) = step.split_once('\n').unwrap_or((step, ""));
        let printed = shell(s, &[], &format!("exec 2>&1\n{command}")).stdout;
        let (lines, shown): (Vec<_>, Vec<_>) = (printed.lines().collect(), shown.lines().collect());
        if !all_fit(&lines, &shown) {
            return Err(format!("$ {command}\n{printed}"));
        }
    }
    Ok(())
}

fn script(s: &Scratch, text: &str) -> Result<(), String> {
    let ran = shell(s, &["-e"], text);
    if ran.status == 0 { Ok(()) } else { Err(format!("{text}\n{ran:#?}")) }
}

/// The test that its words name is there.
fn names_tests(line: &str) -> bool {
    let words: Vec<&str> = line.split('#').next().unwrap().split_whitespace().collect();
    let tests = std::env::current_exe().unwrap();
    match words.as_slice() {
        ["cargo", "test", "--locked"] => true,
        ["cargo", "test", "--locked", "--test", "it", name] => {
            let list = Command::new(tests).args([name, "--list"]).output().unwrap();
            String::from_utf8_lossy(&list.stdout).contains(": test")
        }
        ["cargo", "test", "--locked", "--lib", name] => {
            super::root().join("src").join(name.trim_end_matches("::")).is_dir()
        }
        _ => false,
    }
}

/// Runs a page up to what fails; what needs a hook manager only if there are some.
fn run(page: &super::Page, tools: Option<&str>) -> Result<(), String> {
    let mut s = repository();
    for part in page.parts() {
        match part {
            Part::Fresh => s = repository(),
            Part::Setup(text) => {
                script(&s, &text).map_err(|e| format!("{}: setup: {e}", page.name))?;
            }
            Part::Block { line, kind, text, mark } => {
                let mark = mark.as_ref().map(|(what, why)| (what.as_str(), why.as_str()));
                block(&mut s, &kind, &text, mark, tools)
                    .map_err(|e| format!("{}:{line}: {e}", page.name))?;
            }
        }
    }
    Ok(())
}

fn block(
    s: &mut Scratch,
    kind: &str,
    text: &str,
    mark: Option<(&str, &str)>,
    tools: Option<&str>,
) -> Result<(), String> {
    let parses = |s: &Scratch| shell(s, &["-n"], text).status == 0;
    match (kind, mark, tools) {
        ("sh", None, _) => script(s, text),
        ("console", None, _) => session(s, text),
        ("sh", Some(("tool", tool)), Some(path)) => {
            with_tool(s, tool, path);
            script(s, text)
        }
        ("sh", Some(("not run" | "tool", why)), _) if !why.is_empty() && parses(s) => Ok(()),
        ("sh", Some(("cargo", _)), _) if text.lines().all(names_tests) => Ok(()),
        ("json" | "yaml" | "text" | "mermaid", ..) => Ok(()),
        _ => Err(format!("{kind}, {mark:?}")),
    }
}

/// The manager's programs first on the PATH, and settings of it in the repository.
fn with_tool(s: &mut Scratch, tool: &str, path: &str) {
    let own = std::env::var("PATH").unwrap();
    s.set_env("PATH", format!("{}:{path}:{own}", s.root().join("bin").display()));
    match tool {
        "pre-commit" => s.write(".pre-commit-config.yaml", "repos: []\n"),
        "lefthook" => {
            s.write("lefthook.yml", "pre-commit:\n  commands:\n    check:\n      run: true\n");
        }
        _ => panic!("{tool}: no such tool"),
    }
}

#[test]
fn every_command_on_every_page_does_what_is_shown() {
    let failed: Vec<String> = pages().iter().filter_map(|page| run(page, None).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
#[ignore = "needs pre-commit and lefthook: .ci/run installs them"]
fn what_is_shown_of_hook_managers_works() {
    let tools = std::env::var("GIT_BAK_TEST_TOOLS");
    let tools = tools.expect("GIT_BAK_TEST_TOOLS names no folder: .ci/run makes one");
    let path = format!("{tools}/venv/bin:{tools}/node_modules/.bin");
    run(&super::page("docs/hook-managers.md"), Some(&path)).unwrap();
}

#[test]
fn a_line_is_compared_but_for_what_is_left_out() {
    assert!(fits("a b c", "a … c") && fits("abc", "…") && fits("a", "a") && fits("ab", "a…b"));
    assert!(!fits("a b d", "a … c") && !fits("ab", "a") && !fits("a", "b…") && !fits("x", "x…x"));
    assert!(all_fit(&["a", "b", "c"], &["a", "…"]) && all_fit(&["a"], &["…", "a", "…"]));
    assert!(!all_fit(&["a", "b"], &["a"]) && !all_fit(&["a"], &["a", "b"]));
}
