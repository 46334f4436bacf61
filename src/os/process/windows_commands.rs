//! The command lines of our ancestors on Windows.
//!
//! Between Git and us there is a shell, and between the user and Git a launcher: so it is several processes up.

use windows_sys::Wdk::System::Threading::{
    NtQueryInformationProcess, ProcessCommandLineInformation,
};
use windows_sys::Win32::Foundation::{CloseHandle, HANDLE, LocalFree, UNICODE_STRING};
use windows_sys::Win32::System::Threading::{OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION};
use windows_sys::Win32::UI::Shell::CommandLineToArgvW;

use super::windows_tree::{above, all, started};

/// The longest command line of Windows is 32767 units of two bytes.
const MOST: usize = 1 << 16;

/// The words of the process that started us and of those above it, the nearest first.
pub fn command_lines(most: usize) -> Vec<Vec<Vec<u8>>> {
    let above = above(all(), std::process::id(), started);
    above.into_iter().take(most).map_while(words).collect()
}

pub fn words(pid: u32) -> Option<Vec<Vec<u8>>> {
    // SAFETY: no pointers; the handle is closed once, and only if there is one.
    let line = unsafe {
        let process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid);
        if process.is_null() {
            return None;
        }
        let line = command_line(process);
        CloseHandle(process);
        line?
    };
    let mut count = 0;
    // SAFETY: the line ends in a zero; what comes back is freed once, after it has been copied.
    unsafe {
        let list = CommandLineToArgvW(line.as_ptr(), &raw mut count);
        if list.is_null() {
            return None;
        }
        let words = (0..usize::try_from(count).unwrap_or_default()).map(|at| text(*list.add(at)));
        let words = words.collect();
        LocalFree(list.cast());
        Some(words)
    }
}

/// The command line of a process, ended by a zero.
fn command_line(process: HANDLE) -> Option<Vec<u16>> {
    // Of units that are aligned as a UNICODE_STRING has to be.
    let mut buffer = vec![0_u64; MOST / size_of::<u64>() + 4];
    let length = u32::try_from(buffer.len() * size_of::<u64>()).ok()?;
    let mut needed = 0;
    // SAFETY: the buffer has as many bytes as is said. It is filled with a UNICODE_STRING whose text is in
    // the same buffer; both are only read if the call says that it did so.
    unsafe {
        let status = NtQueryInformationProcess(
            process,
            ProcessCommandLineInformation,
            buffer.as_mut_ptr().cast(),
            length,
            &raw mut needed,
        );
        if status != 0 {
            return None;
        }
        let line = buffer.as_ptr().cast::<UNICODE_STRING>().read();
        if line.Buffer.is_null() {
            return None;
        }
        let units = std::slice::from_raw_parts(line.Buffer, usize::from(line.Length) / 2);
        Some(units.iter().copied().chain([0]).collect())
    }
}

/// A text that ends in a zero.
///
/// # Safety
/// `start` leads to such a text.
unsafe fn text(start: *const u16) -> Vec<u8> {
    let mut length = 0;
    // SAFETY: as the caller promises; nothing behind the zero is read.
    let units = unsafe {
        while *start.add(length) != 0 {
            length += 1;
        }
        std::slice::from_raw_parts(start, length)
    };
    String::from_utf16_lossy(units).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_process_are_those_it_was_started_with() {
        let own: Vec<Vec<u8>> = std::env::args().map(String::into_bytes).collect();
        // Not every system that runs such programs tells: then nothing is known.
        assert!(words(std::process::id()).is_none_or(|words| words == own));
        assert_eq!(words(0), None);
    }
}
