//! What this process does at signals, where only the C library can say or set it.

use rustix::process::Signal;

/// Whether we were told to ignore it, as `nohup` does: then it stays ignored.
pub(super) fn is_ignored(signal: Signal) -> bool {
    // SAFETY: all zeros is a valid action; none is set, and the present one is written there.
    let action = unsafe {
        let mut action = std::mem::zeroed::<libc::sigaction>();
        if libc::sigaction(signal.as_raw(), std::ptr::null(), &raw mut action) != 0 {
            return false;
        }
        action
    };
    action.sa_sigaction == libc::SIG_IGN
}

/// Does something while the signal is ignored by the whole process.
pub(super) fn ignoring<T>(signal: Signal, act: impl FnOnce() -> T) -> T {
    // SAFETY: to ignore it takes no handler.
    let before = unsafe { libc::signal(signal.as_raw(), libc::SIG_IGN) };
    let done = act();
    if before != libc::SIG_ERR {
        // SAFETY: what stood there before was valid.
        unsafe { libc::signal(signal.as_raw(), before) };
    }
    done
}
