//! The shell lines that a walk is made of.

/// Steps by how often they are taken. `F`: a file; `B`: a branch; `#`: a number that comes once.
pub const LINES: &[(usize, &[&str])] = &[
    (
        16,
        &[
            "printf '%s\\n' h# 1 2 3 4 5 6 7 8 t# >F",
            "printf '%s\\n' h# 1 2 3 4 5 6 7 8 t# >F",
            "echo z# >>F",
            "printf '%s\\n' h 1 2 3 4 5 6 7 8 t# >F",
        ],
    ),
    (
        2,
        &[
            "rm -f F",
            "chmod +x F",
            "chmod 600 F",
            "rm -f b.txt; mkdir b.txt; echo in# >b.txt/in",
            "rm -rf b.txt",
        ],
    ),
    (
        1,
        &[
            "rm -f F; ln -s a.txt F",
            "rm -rf d",
            "mkdir -p d",
            "find . -name '*.bak.*' ! -path './.git/*' -exec rm -f {} +",
        ],
    ),
    (12, STAGING),
    (
        10,
        &[
            "git commit -qm c#",
            "git commit -qam c#",
            "git commit -qam c#",
            "git commit -qm c# -- F",
        ],
    ),
    (
        5,
        &[
            "git commit -q --amend --no-edit",
            "git commit -qa --amend -m c#",
            "git commit -qnm c#",
            "git commit -qanm c#",
            "git commit -q --allow-empty -m c#",
            "git commit -qm c# -i -- F",
            "printf 'y\\nn\\n' | git commit -qm c# -p",
            "git commit --dry-run -am c#",
            "git commit -q --fixup HEAD",
        ],
    ),
    (
        12,
        &[
            "WALK=KILL git commit -qm c#; UNLOCK",
            "WALK=FAIL git commit -qam c#",
            "WALK=FAIL git commit -qm c# -- F",
        ],
    ),
    (
        4,
        &[
            "WALK=KILL git commit -qam c#; UNLOCK",
            "WALK=HARM git commit -qm c#",
            "WALK=HARM git commit -qam c#",
            "WALK=HARM git commit -qm c# -- F",
        ],
    ),
    (
        4,
        &[
            "git checkout -q B",
            "git switch -q B",
            "git checkout -qf B",
            "git switch -q -m B",
            "git switch -q --detach HEAD~1",
            "git switch -q -c n#",
        ],
    ),
    (
        4,
        &[
            "git merge -q --no-edit B",
            "git merge -q --no-ff --no-edit B",
            "git merge -q --squash B",
            "git merge -q --autostash --no-edit B",
        ],
    ),
    (
        3,
        &[
            "git rebase -q B",
            "git rebase -q --autostash B",
            "git cherry-pick B",
            "git cherry-pick -n B",
            "git revert --no-edit HEAD",
        ],
    ),
    (
        6,
        &[
            "git merge --abort || git rebase --abort || git cherry-pick --abort || git revert --abort",
            "git merge --abort || git rebase --abort || git cherry-pick --abort || git revert --abort",
            "git add -A; git commit -q --no-edit || git rebase --continue || git cherry-pick --continue",
            "git checkout -q --theirs -- F; git add F",
            "git rebase --skip",
            "git branch -q -f third",
        ],
    ),
    (
        4,
        &[
            "git reset -q --soft HEAD~1",
            "git reset -q --mixed HEAD~1",
            "git reset -q --hard",
            "git reset -q --hard HEAD~1",
            "git reset -q -- F",
            "git reset -q",
        ],
    ),
    (
        5,
        &[
            "git restore F",
            "git restore --staged F",
            "git restore -SW F",
            "git checkout -q -- F",
            "git checkout -q HEAD~1 -- F",
            "git checkout -q B -- F",
            "git checkout -q .",
        ],
    ),
    (2, &["git clean -qfdx", "git clean -qfd", "git clean -qfx F"]),
    (
        4,
        &[
            "git stash push -q",
            "git stash push -qu",
            "git stash push -qk",
            "git stash push -q --staged",
            "git stash push -q -- F",
        ],
    ),
    (
        4,
        &[
            "git stash pop -q",
            "git stash pop -q --index",
            "git stash apply -q",
            "git stash drop -q",
        ],
    ),
    (
        2,
        &[
            "git gc -q",
            "git gc -q --prune=now",
            "git repack -adq",
            "git prune --expire=now",
            "git pack-refs --all",
            "git reflog expire --expire=now --all",
        ],
    ),
    (
        2,
        &[
            "git worktree add -q --detach ../w1",
            "git worktree add -q -b n# ../w2",
            "git worktree remove --force ../w1",
            "rm -rf ../w2; git worktree prune",
        ],
    ),
    (
        2,
        &[
            "git status -s",
            "git update-index -q --refresh",
            "git diff --stat",
            "git update-index --really-refresh",
        ],
    ),
    (3, OURS),
];

/// What stages, of which the post-index-change hook is told.
pub const STAGING: &[&str] = &[
    "git add F",
    "git add F",
    "git add -A",
    "git add -A",
    "git add -u",
    "git add -N F",
    "printf 'y\\nn\\n' | git add -p F",
    "printf 'n\\ny\\n' | git add -p",
    "git diff -U0 -- F | git apply --cached --unidiff-zero",
    "git diff -- F >../patch; git checkout -q -- F; git apply --index ../patch; rm -f ../patch",
    "git update-index --add -- F",
    "git update-index --add --cacheinfo 100644,$(echo c# | git hash-object -w --stdin),F",
    "git update-index --chmod=+x F",
    "git rm -q --cached F",
    "git mv -f F a.txt",
    "git stage F",
];

/// git-bak's own commands: none of them takes from the vault what isn't expired.
pub const OURS: &[&str] = &[
    "git bak snapshot",
    "git bak snapshot F",
    "git bak snapshot --untracked",
    "git bak clean",
    "git bak clean --keep 1",
    "git bak clean --vault",
    "git bak vault log -1",
    "git bak list",
    "git bak status",
    "git bak doctor --fix",
    "git bak vault gc -q --prune=now",
    "git bak restore F",
    "git bak restore F",
    "git bak restore --all",
    "git bak run -- sh -c 'echo r# >>a.txt; exit 1'",
];

/// The files, as a shell takes them.
pub const FILES: [&str; 5] = ["a.txt", "b.txt", "d/c.txt", "'s p.txt'", "new.txt"];
/// How a hook of the user's may fail.
pub const FAILURES: [&str; 3] = ["pre-fail", "msg-fail", "msg-fail"];
/// How a hook may kill what runs it: git-bak or Git, at once or politely.
pub const KILLS: [&str; 4] = ["pre-kill", "msg-kill", "msg-term", "msg-kill"];
/// What a hook may do to the files.
pub const HARMS: [&str; 3] = ["pre-lose", "pre-stash", "pre-format"];
/// Git was killed, and its lock has to go.
pub const UNLOCK: &str = "rm -f \"$(git rev-parse --git-path index.lock)\"";
