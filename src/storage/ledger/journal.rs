//! The journal's part of the ledger: the attempts that failed, and the commits that came after.
//!
//! Three passes through whole tables, however many failures there are: what belongs together is put together
//! here.

use std::collections::HashMap;

use anyhow::Result;
use rusqlite::{Row, params};

use super::Ledger;
use crate::model::failure::Failure;
use crate::model::journal::{End, Entry};
use crate::model::repo_path::RepoPath;

/// When an attempt began, and its number: their order.
type Place = (i64, i64);

impl Ledger {
    /// The failures in this working tree with any file that is `wanted`, newest first, each with the next
    /// commit of any of its files that went through our hooks.
    pub fn failures(&self, wanted: &dyn Fn(&RepoPath) -> bool) -> Result<Vec<Entry>> {
        let sql = "SELECT id, began, zone, kind, step, status, output FROM attempt
                   WHERE worktree = ?1 AND state = 'failed' ORDER BY began DESC, id DESC";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([&self.worktree], |row| Ok((row.get(0)?, failure(row))))?;
        let mut failures: Vec<(i64, Failure)> = rows
            .filter_map(|row| row.ok().and_then(|(id, failure)| Some((id, failure?))))
            .collect();
        if failures.is_empty() {
            return Ok(Vec::new());
        }
        let mut files = self.failed_files()?;
        for (id, failure) in &mut failures {
            failure.files = files.remove(id).unwrap_or_default();
        }
        failures.retain(|(_, it)| it.files.is_empty() || it.files.iter().any(wanted));
        let commits = self.commits()?;
        let entry = |(id, failure): (i64, Failure)| {
            let end = end_of((failure.time, id), &failure.files, &commits);
            Entry { failure, end }
        };
        Ok(failures.into_iter().map(entry).collect())
    }

    /// The files of every failure, by its number.
    fn failed_files(&self) -> Result<HashMap<i64, Vec<RepoPath>>> {
        let mut files: HashMap<i64, Vec<RepoPath>> = HashMap::new();
        let mut statement =
            self.connection.prepare("SELECT attempt, path FROM failed_file ORDER BY path")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let (Ok(attempt), Some(path)) = (row.get(0), path(row, 1)) {
                files.entry(attempt).or_default().push(path);
            }
        }
        Ok(files)
    }

    /// The commits of every file that had it staged, in their order.
    fn commits(&self) -> Result<HashMap<RepoPath, Vec<(Place, String)>>> {
        let sql = "SELECT attempt.began, attempt.id, attempt.commit_id, event.path
                   FROM attempt JOIN event ON event.attempt = attempt.id
                   WHERE event.worktree = ?1 AND event.kind = 'staged'
                     AND attempt.state = 'succeeded' AND attempt.commit_id <> ''";
        let mut commits: HashMap<RepoPath, Vec<(Place, String)>> = HashMap::new();
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query(params![self.worktree])?;
        while let Some(row) = rows.next()? {
            if let (Ok(began), Ok(id), Ok(commit), Some(path)) =
                (row.get(0), row.get(1), row.get(2), path(row, 3))
            {
                commits.entry(path).or_default().push(((began, id), commit));
            }
        }
        commits.values_mut().for_each(|of_file| of_file.sort());
        Ok(commits)
    }
}

/// A path as it stands in a row; `None` if it makes no sense.
fn path(row: &Row<'_>, at: usize) -> Option<RepoPath> {
    RepoPath::from_bytes(row.get(at).ok()?).ok()
}

/// The first commit after `failed` of any of `files`.
fn end_of(
    failed: Place,
    files: &[RepoPath],
    commits: &HashMap<RepoPath, Vec<(Place, String)>>,
) -> Option<End> {
    let next = |path| {
        let of_file: &Vec<(Place, String)> = commits.get(path)?;
        of_file.get(of_file.partition_point(|(place, _)| *place <= failed))
    };
    let ((time, _), commit) = files.iter().filter_map(next).min_by_key(|(place, _)| *place)?;
    Some(End { commit: commit.clone(), time: *time })
}

/// A failure as it stands in a row of `failures`, without its files; `None` if it makes no sense.
fn failure(row: &Row<'_>) -> Option<Failure> {
    Some(Failure {
        time: row.get(1).ok()?,
        offset: row.get(2).ok()?,
        tried: row.get::<_, String>(3).ok()?.parse().ok()?,
        step: row.get(4).ok()?,
        status: row.get(5).ok()?,
        files: Vec::new(),
        output: row.get::<_, Option<Vec<u8>>>(6).ok()?.unwrap_or_default(),
    })
}
