//! What a command's exit status says.

/// The exit status of a command that the user typed. A hook's is the chained hook's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Done, or there was nothing to do.
    Done,
    /// A negative answer: nothing to restore, a hook that could not be installed.
    No,
    Usage,
    /// It could not be done: a read or write that failed, a broken repository.
    Failed,
    /// The status of the command that was run.
    Command(u8),
}

/// The words on the command line were wrong: another exit status than other failures.
#[derive(Debug)]
pub struct UsageError(pub String);

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// There is nothing of the kind that was asked for.
#[derive(Debug)]
pub struct NothingFound(pub String);

impl std::fmt::Display for NothingFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NothingFound {}

impl ExitStatus {
    /// The status of two things done: that of the first which did not end well.
    pub fn and(self, next: Self) -> Self {
        if self == Self::Done { next } else { self }
    }

    /// The status of a child, as a shell has it.
    pub fn of_child(status: std::process::ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Command(u8::try_from(128 + signal).unwrap_or(1));
        }
        Self::Command(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
    }

    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::Command(status) => status,
        }
    }

    /// The status for a command that ended in `error`.
    pub fn of(error: &anyhow::Error) -> Self {
        if error.is::<UsageError>() {
            Self::Usage
        } else if error.is::<NothingFound>() {
            Self::No
        } else {
            Self::Failed
        }
    }
}
