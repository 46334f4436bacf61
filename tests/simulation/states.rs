//! The states in which a repository is when the actors come.

use super::scenes::{EARLIER, EDITED, FIRST, OF_NOW, OTHERS, STAGED};
use crate::scratch::{Scratch, script};

pub fn plain(_: &Scratch) {}

/// Everything backed up, in files and in the vault, by a commit that was refused.
pub fn backed_up(s: &Scratch) {
    let refuse = s.top().join(".git/hooks/commit-msg");
    script(&refuse, "exit 1");
    s.write("only-here.txt", "edited\n");
    assert_eq!(s.try_git(["commit", "-qm", "refused"]).status, 1);
    std::fs::remove_file(refuse).unwrap();
}

/// All backed up, and edited since.
pub fn overwritten(s: &Scratch) {
    backed_up(s);
    s.write("a.txt", OF_NOW);
}

/// A backup whose bytes nobody else has.
pub fn stray(s: &Scratch) {
    backed_up(s);
    s.write("b.txt.bak.20251106_201059.da6ad9b9", OF_NOW);
}

/// A reset has taken all of it.
pub fn taken(s: &Scratch) {
    s.git(["reset", "-q", "--hard"]);
}

/// Two days, the first of them folded, and neither as it was then.
pub fn folded_once(s: &Scratch) {
    backed_up(s);
    s.bak(["vault", "log", "-1"]);
    s.write("b.txt", FIRST);
    s.bak(["snapshot"]);
    s.advance(86_400);
    s.write("b.txt", OTHERS);
    s.bak(["snapshot"]);
}

/// All of it is about to expire, but for what was seen today.
pub fn long_ago(s: &Scratch) {
    folded_once(s);
    s.advance(20 * 86_400);
    for (path, text) in
        [("a.txt", EARLIER), ("a.txt", STAGED), ("a.txt", EDITED), ("b.txt", OTHERS)]
    {
        s.write(path, text);
        s.bak(["snapshot"]);
    }
    s.write("a.txt", EDITED);
    s.write("b.txt", OTHERS);
    s.git(["config", "bak.vaultExpire", "10.days"]);
}

/// What is overdue goes with the next fold, and is just what a file has once more.
pub fn expiring(s: &Scratch) {
    long_ago(s);
    s.bak(["vault", "log", "-1"]);
    s.advance(90_000);
    s.write("b.txt", FIRST);
}
