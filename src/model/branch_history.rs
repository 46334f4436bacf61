//! Which branch was checked out when, as the log of HEAD tells.

/// What HEAD was moved to, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BranchHistory {
    /// When, in seconds since 1970, from what, and to what.
    moves: Vec<(i64, String, String)>,
    now: Option<String>,
}

impl BranchHistory {
    /// Reads `<seconds> <zone>}` and what was done, newest first, as `%gd %gs` has it of HEAD. `now` is the
    /// branch that is checked out.
    pub fn read(log: &str, now: Option<String>) -> Self {
        let mut moves: Vec<_> = log.lines().filter_map(moved).collect();
        moves.reverse();
        Self { moves, now }
    }

    /// The branch at a time in seconds since 1970, or what else was checked out.
    pub fn at(&self, time: i64) -> Option<&str> {
        let before = self.moves.iter().rev().find(|(when, ..)| *when <= time);
        match (before, self.moves.first()) {
            (Some((_, _, to)), _) => Some(to),
            (None, Some((_, from, _))) => Some(from),
            (None, None) => self.now.as_deref(),
        }
    }
}

/// `HEAD@{1762459845 +0000} checkout: moving from main to topic`
fn moved(line: &str) -> Option<(i64, String, String)> {
    let (when, what) = line.strip_prefix("HEAD@{")?.split_once("} ")?;
    let seconds = when.split(' ').next()?.parse().ok()?;
    let (from, to) = what.strip_prefix("checkout: moving from ")?.split_once(" to ")?;
    Some((seconds, short(from), short(to)))
}

/// A commit as Git shows it, a branch as it is.
fn short(name: &str) -> String {
    let is_commit = name.len() >= 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_commit { name[..8].to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "HEAD@{300 +0000} commit: to do\n\
        HEAD@{200 +0100} checkout: moving from topic to 0123456789012345678901234567890123456789\n\
        HEAD@{100 +0100} checkout: moving from main to topic\n\
        HEAD@{50 +0000} commit (initial): first\nnonsense\n";

    #[test]
    fn the_last_move_before_tells_and_the_first_where_it_began() {
        let history = BranchHistory::read(LOG, Some("other".into()));
        let at = [50, 99, 100, 199, 200, 999].map(|time| history.at(time).unwrap_or("-"));
        assert_eq!(at, ["main", "main", "topic", "topic", "01234567", "01234567"]);
    }

    #[test]
    fn without_a_move_it_is_the_branch_of_now() {
        let history = BranchHistory::read("", Some("main".into()));
        assert_eq!(history.at(5), Some("main"));
        assert_eq!(BranchHistory::default().at(5), None);
    }
}
