//! What to do about a hook, or what was done.

/// What installing does about a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookPlan {
    /// Nothing: git-bak runs from it already.
    Keep,
    /// A shim is written where no hook is.
    Write,
    /// A shim of another version, or for another place of the program, is replaced.
    Update,
    /// The user's hook becomes the chained hook, and a shim takes its place.
    Chain {
        /// It is a link that leads nowhere, which Git passes over in silence.
        dangling: bool,
        /// An older chained hook is in the way and gets a numbered name.
        aside: bool,
    },
    /// A shim that was edited gets a numbered name, and a fresh one takes its place.
    Renew,
    /// Nothing: the hook manager in whose folder it would be never runs this hook.
    Never,
    /// Nothing, and the user has to be told.
    Refuse(Obstacle),
}

/// Why a hook is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It finds its work by its own name, and would find none under another.
    ByOwnName {
        /// Where a line that runs git-bak has to stand.
        place: HookPlace,
    },
    /// An older chained hook is there already.
    TwoHooks,
    /// It is our shim, and it was edited.
    Edited,
    NotAFile,
    /// Its folder is not written to.
    Managed {
        /// Where a line that runs git-bak has to stand.
        place: HookPlace,
    },
}

/// Where in a hook the line has to stand that runs git-bak before all else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookPlace {
    /// There is no such hook yet.
    NewFile,
    /// At the top of a script that names no interpreter, as husky's are.
    FirstLine,
    /// After the line that names the shell.
    SecondLine,
    OtherLanguage,
}

/// What uninstalling did about a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    Nothing,
    /// The shim is gone, and there was no hook before it.
    Removed,
    /// The user's hook is back in its place.
    Restored,
    /// Our shim, but edited: left as it is.
    Edited,
    /// A foreign hook in the way of the chained hook: both are left.
    Foreign,
    /// A foreign hook with our line in it: left as it is.
    HasLine,
    /// A hook manager runs our edited shim as its hook from before: both are left.
    TakenOver,
    /// The user's hook is where a hook manager had put our shim away.
    HandedOn {
        /// The manager's hook runs it from there.
        runs: bool,
    },
}
