//! Whether names would be ignored, and which line says otherwise: `git check-ignore`.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::git::command::Git;
use crate::os::platform::path_from_bytes;

/// A line of a `.gitignore` that takes back what other lines ignore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negation {
    /// The file, as Git names it: relative to the top of the working tree.
    pub file: PathBuf,
    pub line: usize,
    /// The pattern, with its `!`.
    pub pattern: String,
}

/// The folders of the working tree that have a `.gitignore`, each with a `/` at its end; the top always.
pub fn folders_with_rules(git: &Git) -> Result<Vec<Vec<u8>>> {
    let args = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--deduplicate",
        "--",
        ":(top,glob)**/.gitignore",
    ];
    let names = git.output(args)?;
    let names = names.split(|&byte| byte == 0).filter_map(|name| name.strip_suffix(b".gitignore"));
    let mut folders: Vec<Vec<u8>> = names.map(<[u8]>::to_vec).collect();
    folders.push(Vec::new());
    folders.sort();
    folders.dedup();
    Ok(folders)
}

/// The lines that keep any of `paths` from being ignored, each once.
pub fn negations(git: &Git, paths: &[Vec<u8>]) -> Result<Vec<Negation>> {
    let mut found = parse(&ask(git, paths)?);
    found.dedup();
    Ok(found)
}

fn ask(git: &Git, paths: &[Vec<u8>]) -> Result<Vec<u8>> {
    let args = ["check-ignore", "--verbose", "--non-matching", "--no-index", "-z", "--stdin"];
    let input = paths.iter().flat_map(|path| [&path[..], b"\0"].concat()).collect();
    let finished = git.feed(args, input)?;
    match finished.status {
        Some(0 | 1) => Ok(finished.stdout),
        _ => bail!("git check-ignore failed: {}", finished.reason()),
    }
}

/// Those of `paths` that Git would see.
pub fn not_ignored(git: &Git, paths: &[Vec<u8>]) -> Result<HashSet<Vec<u8>>> {
    let text = ask(git, paths)?;
    let is_seen = |[_, _, pattern, _]: &&[&[u8]; 4]| pattern.is_empty() || pattern[0] == b'!';
    Ok(entries(&text).iter().filter(is_seen).map(|[_, _, _, path]| path.to_vec()).collect())
}

/// Source, line, pattern and path, each ended by NUL; the first three are empty where nothing matches.
fn parse(text: &[u8]) -> Vec<Negation> {
    let negation = |[file, line, pattern, _]: &[&[u8]; 4]| {
        let pattern = String::from_utf8_lossy(pattern).into_owned();
        let line = std::str::from_utf8(line).ok()?.parse().ok()?;
        pattern.starts_with('!').then(|| Negation { file: path_from_bytes(file), line, pattern })
    };
    entries(text).iter().filter_map(negation).collect()
}

fn entries(text: &[u8]) -> Vec<[&[u8]; 4]> {
    let fields: Vec<&[u8]> = text.split(|&byte| byte == 0).collect();
    fields.as_chunks::<4>().0.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_take_back_are_found() {
        let text = b"d/.gitignore\x007\0!*.bak.*\0d/x\0info/exclude\x001\0*.bak\0y\0\0\0\0z\0";
        let expected =
            Negation { file: "d/.gitignore".into(), line: 7, pattern: "!*.bak.*".into() };
        assert_eq!(parse(text), [expected]);
        assert_eq!(parse(b""), []);
    }
}
