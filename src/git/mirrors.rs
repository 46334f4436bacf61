//! Remotes that take every ref, or overwrite every ref: ours would be among them.

use anyhow::{Result, bail};

use super::command::Git;
use crate::model::git_value::parse_bool;

/// What leaves our refs out (git-push(1), "negative refspec"; Git 2.29).
const NOT_OURS: &[u8] = b"^refs/bak/*";

/// A remote and what it does with every ref.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mirror {
    /// Its name.
    pub remote: String,
    /// A push takes all of them along.
    pub pushes: bool,
    /// A fetch makes all of them what they are there, and with `--prune` removes the others.
    pub fetches: bool,
}

/// The remotes that push or fetch every ref and don't leave ours out.
pub fn mirrors(git: &Git) -> Result<Vec<Mirror>> {
    let keys = r"^remote\..*\.(mirror|push|fetch)$";
    let finished = git.start(["config", "-z", "--get-regexp", keys])?.finish()?;
    match finished.status {
        Some(0) => Ok(among(&finished.stdout)),
        Some(1) => Ok(Vec::new()),
        _ => bail!("the remotes can't be read: {}", finished.reason()),
    }
}

/// Reads `git config -z --get-regexp` output: key, line feed, value, NUL.
fn among(text: &[u8]) -> Vec<Mirror> {
    let mut found: Vec<(Mirror, [bool; 2])> = Vec::new();
    for entry in text.split(|&byte| byte == 0) {
        let at = entry.iter().position(|&byte| byte == b'\n').unwrap_or(entry.len());
        let (key, value) = (String::from_utf8_lossy(&entry[..at]), entry.get(at + 1..));
        let Some((remote, what)) = key.strip_prefix("remote.").and_then(|it| it.rsplit_once('.'))
        else {
            continue;
        };
        let at = found.iter().position(|(known, _)| known.remote == remote).unwrap_or_else(|| {
            found.push((Mirror { remote: remote.to_owned(), ..Mirror::default() }, [false; 2]));
            found.len() - 1
        });
        let (mirror, left_out) = &mut found[at];
        let text = value.map(String::from_utf8_lossy);
        let is_all = value.is_some_and(|value| value.ends_with(b"refs/*:refs/*"));
        match what {
            "mirror" => mirror.pushes |= parse_bool(text.as_deref()) == Some(true),
            "push" => mirror.pushes |= is_all,
            _ => mirror.fetches |= is_all,
        }
        if value == Some(NOT_OURS) {
            left_out[usize::from(what == "fetch")] = true;
        }
    }
    for (mirror, [push, fetch]) in &mut found {
        mirror.pushes &= !*push;
        mirror.fetches &= !*fetch;
    }
    let found = found.into_iter().map(|(mirror, _)| mirror);
    found.filter(|mirror| mirror.pushes || mirror.fetches).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(entries: &[&str]) -> Vec<(String, bool, bool)> {
        let text: String = entries.iter().map(|entry| format!("{entry}\0")).collect();
        let mirrors = among(text.as_bytes());
        mirrors.into_iter().map(|it| (it.remote, it.pushes, it.fetches)).collect()
    }

    #[test]
    fn an_ordinary_remote_is_no_mirror() {
        let entries =
            ["remote.origin.fetch\n+refs/heads/*:refs/remotes/origin/*", "remote.x.mirror\nfalse"];
        assert_eq!(found(&entries), []);
        assert_eq!(found(&[]), []);
    }

    #[test]
    fn a_mirror_is_told_by_its_flag_or_by_its_refspecs() {
        let entries =
            ["remote.a.mirror\ntrue", "remote.b.c.fetch\n+refs/*:refs/*", "remote.d.mirror"];
        let expected =
            [("a".into(), true, false), ("b.c".into(), false, true), ("d".into(), true, false)];
        assert_eq!(found(&entries), expected);
    }

    #[test]
    fn one_that_leaves_our_refs_out_is_none() {
        let push = ["remote.a.push\n+refs/*:refs/*", "remote.a.push\n^refs/bak/*"];
        assert_eq!(found(&push), []);
        let fetch = ["remote.a.fetch\n^refs/bak/*", "remote.a.fetch\n+refs/*:refs/*"];
        assert_eq!(found(&fetch), []);
        assert_eq!(found(&[push[0], fetch[0]]), [("a".into(), true, false)]);
    }
}
