//! README.md, CONTRIBUTING.md, SECURITY.md, CHANGELOG.md and docs/: what they say is so.
//!
//! A page is read line by line. A comment just before a block says what becomes of it:
//!
//! | comment | what it means |
//! |---|---|
//! | none | the block is run: `sh` must succeed, `console` must print what stands there (`…` is anything) |
//! | `<!-- setup` … `-->` | run, and not shown to readers |
//! | `<!-- fresh -->` | what follows is run in a new repository |
//! | `<!-- tool: NAME -->` | run where that hook manager is, checked for syntax elsewhere |
//! | `<!-- cargo: REASON -->` | not run; the tests that it names must be there |
//! | `<!-- not run: REASON -->` | checked for syntax |
//! | `<!-- json: ARGS -->` | has the fields that `git bak ARGS --json` prints |

use std::fs;
use std::path::{Path, PathBuf};

mod links;
mod reference;
#[cfg(target_os = "linux")]
mod rescue;
#[cfg(target_os = "linux")]
mod run;

/// A page and its text.
pub struct Page {
    pub name: String,
    pub text: String,
}

/// What a page has, in its order.
#[derive(Debug)]
pub enum Part {
    Fresh,
    Setup(String),
    Block { line: usize, kind: String, text: String, mark: Option<(String, String)> },
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn page(name: &str) -> Page {
    let text = fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    Page { name: name.to_owned(), text: text.replace('\r', "") }
}

/// All of them, but for the change log: that speaks of what was, too.
pub fn pages() -> Vec<Page> {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let mut names: Vec<PathBuf> = docs.map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let of_docs = names.iter().map(|path| format!("docs/{}", path.file_name().unwrap().display()));
    let names = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(str::to_owned);
    names.into_iter().chain(of_docs).map(|name| page(&name)).collect()
}

impl Page {
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut mark = None;
        let mut lines = self.text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            let until = |end: &str, lines: &mut dyn Iterator<Item = (usize, &str)>| {
                let inner: Vec<&str> =
                    lines.map(|(_, line)| line).take_while(|it| *it != end).collect();
                inner.join("\n")
            };
            if let Some(kind) = line.strip_prefix("```") {
                let (kind, text) = (kind.to_owned(), until("```", &mut lines));
                parts.push(Part::Block { line: at + 1, kind, text, mark: mark.take() });
            } else if line == "<!-- setup" {
                parts.push(Part::Setup(until("-->", &mut lines)));
            } else if line == "<!-- fresh -->" {
                parts.push(Part::Fresh);
            } else if let Some(comment) = line.strip_prefix("<!-- ") {
                let comment = comment.strip_suffix(" -->").unwrap_or_else(|| panic!("{line}"));
                let (what, why) = comment.split_once(": ").unwrap_or_else(|| panic!("{line}"));
                mark = Some((what.to_owned(), why.to_owned()));
            } else {
                assert!(mark.is_none(), "{}: no block after {mark:?}", self.name);
            }
        }
        parts
    }

    /// The blocks of a kind, with what is marked at them.
    pub fn blocks(&self, wanted: &str) -> Vec<(String, Option<(String, String)>)> {
        let of_kind = |part| match part {
            Part::Block { kind, text, mark, .. } if kind == wanted => Some((text, mark)),
            _ => None,
        };
        self.parts().into_iter().filter_map(of_kind).collect()
    }

    /// The text between this heading and the next of its rank.
    pub fn section(&self, heading: &str) -> &str {
        let start = self.text.find(&format!("{heading}\n")).unwrap_or_else(|| panic!("{heading}"));
        let text = &self.text[start + heading.len()..];
        let rank = heading.split(' ').next().unwrap();
        let end = text.find(&format!("\n{rank} ")).unwrap_or(text.len());
        &text[..end]
    }

    /// What stands between single backticks outside of blocks.
    pub fn code(&self) -> Vec<String> {
        let mut all = Vec::new();
        let mut is_block = false;
        let mut prose = String::new();
        for line in self.text.lines() {
            is_block ^= line.starts_with("```");
            prose.push_str(if is_block || line.starts_with("```") { "\n" } else { line });
            prose.push('\n');
        }
        for paragraph in prose.split("\n\n") {
            all.extend(paragraph.split('`').skip(1).step_by(2).map(|it| it.replace("\\|", "|")));
        }
        all
    }
}

/// The rows of the tables in a text: their cells.
pub fn rows(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("|--"));
    rows.map(|row| {
        let row = row.trim_matches('|').replace("\\|", "\u{1}");
        row.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect()
    })
    .collect()
}
