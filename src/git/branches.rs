//! The branches that HEAD has named, out of its log: for files and reftables alike, through Git.

use super::command::Git;
use crate::model::branch_history::BranchHistory;

/// What HEAD's log says, and what HEAD names now. Where there is no log, nothing is known of the past.
pub fn read(git: &Git) -> BranchHistory {
    let log = git.output([
        "log",
        "-g",
        "--no-show-signature",
        "--date=raw",
        "--format=%gd %gs",
        "HEAD",
        "--",
    ]);
    let now = git.output(["symbolic-ref", "--quiet", "--short", "HEAD"]).ok();
    let now = now.map(|name| String::from_utf8_lossy(&name).trim().to_owned());
    BranchHistory::read(&String::from_utf8_lossy(&log.unwrap_or_default()), now)
}
