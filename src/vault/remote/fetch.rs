//! What is in the other place: lines of the record, with a repository that has their blobs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Result;

use super::transport::Remote;
use crate::git::objects::Objects;
use crate::git::repository::Repository;
use crate::model::events::line::Line;
use crate::model::settings::remote_url::RemoteUrl;
use crate::vault::commits::{self, branch};

pub struct Fetched {
    /// Goes when this is dropped.
    remote: Remote,
    /// By worktree, oldest first.
    lines: BTreeMap<String, Vec<Line>>,
}

/// Fetches every day that is there.
pub fn fetch(repository: &Repository, url: &RemoteUrl) -> Result<Fetched> {
    let remote = Remote::open(repository, url)?;
    let tips = remote.tips()?;
    let specs: String = tips.iter().map(|(day, _)| format!("+{0}:{0}\n", branch(day))).collect();
    if !tips.is_empty() {
        let args = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--stdin", "bak"];
        remote.ask(&args, &specs)?.success()?;
    }
    let mut lines: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for ((worktree, _), texts) in commits::read(&remote.git)? {
        let read = texts.iter().filter_map(|text| Line::parse(text));
        let own = read.filter(|line| line.worktree == worktree);
        lines.entry(worktree.clone()).or_default().extend(own);
    }
    Ok(Fetched { remote, lines })
}

impl Fetched {
    pub fn objects_dir(&self) -> PathBuf {
        self.remote.objects_dir()
    }

    /// The lines of every worktree that is one of this repository: some commit that it was at is here.
    pub fn of_repository(&self, objects: &Objects, own: Option<&str>) -> Vec<Line> {
        let is_here = |id: &str| objects.parse(id).is_ok_and(|id| objects.commit(id).is_ok());
        let is_of_it = |lines: &[Line]| {
            let commits = lines.iter().flat_map(|line| [&line.head, &line.commit]).flatten();
            let commits: BTreeSet<&String> = commits.collect();
            commits.into_iter().any(|id| is_here(id))
        };
        let own_or_here =
            |(id, lines): &(&String, &Vec<Line>)| own == Some(id.as_str()) || is_of_it(lines);
        in_order(self.lines.iter().filter(own_or_here).flat_map(|(_, lines)| lines))
    }

    /// Those of all, other repositories' among them.
    pub fn all(&self) -> Vec<Line> {
        in_order(self.lines.values().flatten())
    }
}

fn in_order<'a>(lines: impl Iterator<Item = &'a Line>) -> Vec<Line> {
    let mut lines: Vec<Line> = lines.cloned().collect();
    lines.sort_by_key(|line| line.time);
    lines
}
