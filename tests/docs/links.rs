//! Links lead somewhere, README.md is short and begins with what a user needs who has lost something, and the
//! folders are named.

use std::fs;

use super::{page, pages, root};

/// The name that a heading has in a link.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(text: &str) -> Vec<String> {
    text.lines().filter(|line| line.starts_with('#')).map(anchor).collect()
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let mut number = 0;
    for it in pages() {
        let folder = root().join(&it.name).parent().unwrap().to_owned();
        for (at, _) in it.text.match_indices("](") {
            let target = it.text[at + 2..].split(')').next().unwrap();
            if target.starts_with("https://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let text = if file.is_empty() {
                it.text.clone()
            } else {
                fs::read_to_string(folder.join(file))
                    .unwrap_or_else(|e| panic!("{}: {target}: {e}", it.name))
            };
            assert!(
                heading.is_empty() || anchors(&text).contains(&heading.to_owned()),
                "{}: {target}",
                it.name
            );
            number += 1;
        }
    }
    assert!(number > 50, "{number}");
}

#[test]
fn every_page_is_linked_from_the_readme() {
    let readme = page("README.md").text;
    for it in pages().into_iter().skip(1) {
        assert!(readme.contains(&format!("]({}", it.name)), "{}", it.name);
    }
}

#[test]
fn the_readme_is_short_and_begins_with_the_way_back() {
    let readme = page("README.md").text;
    let lines: Vec<&str> = readme.lines().collect();
    assert!(lines.len() <= 200, "{} lines", lines.len());
    let first = lines[..8].join(" ");
    assert!(first.contains("git bak restore FILE"), "{first}");
    assert!(first.contains("](#get-your-work-back)"), "{first}");
}

#[test]
fn the_command_that_runs_the_tests_is_that_of_ci() {
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    for name in ["README.md", "CONTRIBUTING.md"] {
        assert!(page(name).text.contains("\ncargo test --locked"), "{name}");
    }
    assert!(ci.contains("cargo test --locked -- --include-ignored"));
    assert!(ci.contains("sh install/install.sh --prefix"));
}

#[test]
fn the_rust_that_is_asked_for_is_that_of_the_manifest() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version = manifest.split("rust-version = \"").nth(1).unwrap().split('"').next().unwrap();
    for name in ["README.md", "CONTRIBUTING.md", "install/install.sh", "install/install.ps1"] {
        let text = page(name).text.replace("\nlater", " later");
        assert!(text.contains(&format!("Rust {version} or later")), "{name}");
    }
}

#[test]
fn contributing_names_every_folder() {
    let text = page("CONTRIBUTING.md").text;
    let folders = |of: &str| {
        let entries = fs::read_dir(root().join(of)).unwrap().map(|entry| entry.unwrap());
        let folders = entries.filter(|entry| entry.path().is_dir());
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    for name in folders("src") {
        assert!(text.contains(&format!("`src/{name}`")), "src/{name}");
        assert!(text.contains(&format!("    {name}[\"{name}: ")), "{name} is not drawn");
    }
    // Those without a module, which would say itself what is in it.
    for name in folders("tests") {
        let says = root().join("tests").join(&name).join("mod.rs").exists();
        assert!(says || text.contains(&format!("`{name}`")), "tests/{name}");
    }
}
