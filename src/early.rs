//! The answer that needs no program: post-index-change where Git says by itself that nothing was staged.
//!
//! Git asks that hook in every commit, in every `status` after an edit and some hundred times in a rebase, and
//! most of what it costs then is the start of the C library, which has the processor describe itself: each of
//! its some sixty questions is answered by the hypervisor where there is one, 0.3 of the 0.6 ms that a hook
//! takes that does nothing. So the statically linked program can look before: its entry (`main.rs`) comes here
//! first, and goes on to the C library's with everything as it was unless the answer is "nothing to do".
//!
//! What may be said here is a part of what `hooks::post_index_change` says, and what is doubtful goes there:
//! 1. it is that hook by the name that it was started under, with a folder before it, and with two arguments;
//! 2. there is no chained hook beside it: not even a file of that name;
//! 3. either the first argument says that the working tree was written along with the index, or our parent is
//!    `git commit`, whose own hooks look after the work, or `git status`, in these two words.
//!
//! Nothing here may need what isn't there yet: no call into the C library, and so no copying, comparing or
//! measuring of memory as a whole, which would become one; bytes are read and written one by one, and in a way
//! that the compiler may not join (`read_volatile`). Nothing is allocated, and no more is read than the length
//! of a name that Git may have.

use std::arch::asm;
use std::mem::MaybeUninit;

/// Room for the path of the hook, and for as many words of a command line as are read. Each page of the stack
/// that is touched costs more than all that is done here.
const ROOM: usize = 1024;
const HOOK: &[u8] = b"/post-index-change";

/// Numbers of system calls (asm/unistd_64.h) and what they take and give (open(2), errno(3)).
mod system {
    pub const READ: usize = 0;
    pub const OPEN: usize = 2;
    pub const CLOSE: usize = 3;
    pub const ACCESS: usize = 21;
    pub const GETPPID: usize = 110;
    pub const CLOSE_ON_EXEC: usize = 0o2_000_000;
    pub const NO_SUCH_FILE: isize = -2;
}

/// Whether all is done, without a step into the rest of the program.
///
/// # Safety
/// `stack` is where the system put the number of arguments, and the arguments behind it, as it started this
/// process (System V ABI, AMD64 supplement, "Process Initialization").
pub unsafe extern "C" fn is_answered(stack: *const usize) -> bool {
    // SAFETY: as many arguments follow as the number says, each a pointer to bytes that end with a NUL.
    unsafe {
        if stack.read_volatile() != 3 {
            return false;
        }
        let argument = |at: usize| stack.add(1 + at).cast::<*const u8>().read_volatile();
        let (name, first, second) = (argument(0), argument(1), argument(2));
        let wrote_files = is_word(first, b"1");
        let wrote_entries = is_word(first, b"0") && is_word(second, b"0");
        is_hook_alone(name) && (wrote_files || wrote_entries && stages_nothing())
    }
}

/// Whether this is the path of the hook, and nothing stands where its chained hook would.
///
/// # Safety
/// `name` ends with a NUL.
unsafe fn is_hook_alone(name: *const u8) -> bool {
    let mut room = EMPTY;
    let mut path = Line::on(&mut room);
    // SAFETY: no byte behind the NUL is read, and what the system reads ends with one, too.
    unsafe {
        let mut length = 0;
        while name.add(length).read_volatile() != 0 {
            path.push(name.add(length).read_volatile());
            length += 1;
        }
        if length <= HOOK.len() || !is_word(name.add(length - HOOK.len()), HOOK) {
            return false;
        }
        path.push_all(b".before-bak\0");
        let found = call(system::ACCESS, path.start() as usize, 0, 0);
        path.is_whole() && found == system::NO_SUCH_FILE
    }
}

/// Whether our parent was started as `git commit` or `git status`: proc(5), `/proc/PID/cmdline`.
fn stages_nothing() -> bool {
    let (mut room, mut more_room) = (EMPTY, EMPTY);
    let (mut path, mut words) = (Line::on(&mut room), Line::on(&mut more_room));
    path.push_all(b"/proc/");
    // SAFETY: getppid(2) takes nothing.
    path.push_number(unsafe { call(system::GETPPID, 0, 0, 0) }.unsigned_abs());
    path.push_all(b"/cmdline\0");
    // SAFETY: the path ends with a NUL, and no more is read than there is room for.
    let read = unsafe {
        let file = call(system::OPEN, path.start() as usize, system::CLOSE_ON_EXEC, 0);
        if file < 0 {
            return false;
        }
        let read = call(system::READ, file as usize, words.start() as usize, ROOM - 1);
        call(system::CLOSE, file as usize, 0, 0);
        read
    };
    if read <= 0 {
        return false;
    }
    words.length = read.unsigned_abs();
    words.push(0);
    // SAFETY: the words end with a NUL, and behind the first of them there is one more byte at least.
    unsafe {
        let (mut name, mut at) = (words.start(), words.start());
        while at.read_volatile() != 0 {
            if at.read_volatile() == b'/' {
                name = at.add(1);
            }
            at = at.add(1);
        }
        let is_last = at.offset_from(words.start()) >= read;
        let verb = at.add(1);
        !is_last && is_word(name, b"git") && (is_word(verb, b"commit") || is_word(verb, b"status"))
    }
}

/// Whether these bytes are those of `word`, and a NUL behind them.
///
/// # Safety
/// They end with a NUL: none behind it is read.
unsafe fn is_word(bytes: *const u8, word: &[u8]) -> bool {
    let mut at = 0;
    // SAFETY: what was equal so far was no NUL.
    unsafe {
        while at < word.len() {
            if bytes.add(at).read_volatile() != word[at] {
                return false;
            }
            at += 1;
        }
        bytes.add(at).read_volatile() == 0
    }
}

/// Bytes on the stack. What there is no room for is left out, and the line no longer whole.
struct Line<'a> {
    bytes: &'a mut [MaybeUninit<u8>; ROOM],
    length: usize,
}

const EMPTY: [MaybeUninit<u8>; ROOM] = [const { MaybeUninit::uninit() }; ROOM];

impl<'a> Line<'a> {
    fn on(bytes: &'a mut [MaybeUninit<u8>; ROOM]) -> Self {
        Self { bytes, length: 0 }
    }

    fn start(&mut self) -> *mut u8 {
        self.bytes.as_mut_ptr().cast()
    }

    fn push(&mut self, byte: u8) {
        if self.length < ROOM {
            // SAFETY: inside the array.
            unsafe { self.start().add(self.length).write_volatile(byte) };
        }
        self.length += 1;
    }

    fn push_all(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() {
            self.push(bytes[at]);
            at += 1;
        }
    }

    fn push_number(&mut self, number: usize) {
        let mut unit = 1_000_000_000;
        while unit > 0 {
            if number >= unit || unit == 1 {
                self.push(b'0' + (number / unit % 10) as u8);
            }
            unit /= 10;
        }
    }

    fn is_whole(&self) -> bool {
        self.length <= ROOM
    }
}

/// A system call of up to three arguments (syscall(2), "x86-64"); an error is its number, negative.
///
/// # Safety
/// What the call of that number reads and writes is there.
unsafe fn call(number: usize, first: usize, second: usize, third: usize) -> isize {
    let result;
    // SAFETY: the caller answers for the memory; the two other registers are those that the system changes.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number as isize => result,
            in("rdi") first,
            in("rsi") second,
            in("rdx") third,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    use super::*;

    /// What is said to a process that was started so, below a parent that is no Git.
    fn answered(name: &Path, args: &[&str]) -> bool {
        let words = args.iter().map(|arg| CString::new(*arg).unwrap());
        let words: Vec<CString> =
            [CString::new(name.as_os_str().as_bytes()).unwrap()].into_iter().chain(words).collect();
        let mut stack = vec![words.len()];
        stack.extend(words.iter().map(|word| word.as_ptr() as usize));
        stack.push(0);
        // SAFETY: as a process finds it.
        unsafe { is_answered(stack.as_ptr()) }
    }

    #[test]
    fn a_checkout_stages_nothing() {
        let hook = Path::new(".git/hooks/post-index-change");
        assert!(answered(hook, &["1", "0"]));
        assert!(answered(hook, &["1", "1"]));
    }

    #[test]
    fn whatever_may_be_staging_goes_on() {
        let hook = Path::new("/x/post-index-change");
        // Our parent is no `git commit`.
        assert!(!answered(hook, &["0", "0"]));
        for args in [&[][..], &["1"], &["0", "1"], &["10", "0"], &["", "0"], &["1", "0", "0"]] {
            assert!(!answered(hook, args), "{args:?}");
        }
    }

    #[test]
    fn no_other_program_is_meant() {
        for name in [
            "post-index-change",
            "/x/git-bak",
            "/x/no-post-index-change",
            "/x/post-index-change.old",
            "",
        ] {
            assert!(!answered(Path::new(name), &["1", "0"]), "{name}");
        }
        let long = format!("/{}/post-index-change", "x".repeat(ROOM));
        assert!(!answered(Path::new(&long), &["1", "0"]));
        let just_too_long = format!("/{}{}", "x".repeat(ROOM - 30), "/post-index-change");
        assert!(!answered(Path::new(&just_too_long), &["1", "0"]));
    }

    #[test]
    fn a_chained_hook_is_never_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let hook = dir.path().join("post-index-change");
        assert!(answered(&hook, &["1", "0"]));
        fs::write(dir.path().join("post-index-change.before-bak"), "").unwrap();
        assert!(!answered(&hook, &["1", "0"]));
        // Nor one in a folder where nobody can look.
        fs::write(dir.path().join("file"), "").unwrap();
        assert!(!answered(&dir.path().join("file/post-index-change"), &["1", "0"]));
    }
}
