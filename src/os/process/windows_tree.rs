//! Who started whom on Windows.
//!
//! A hook is run by Git's shell, which stays until it ends: so the Git that we run for is some processes up. The
//! number of a process that has ended is soon given to another: one that is younger than its child is not its parent.

use std::collections::HashMap;
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{CloseHandle, FILETIME, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Threading::{
    GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION,
};

/// The names of Git's own program.
const GIT: [&str; 2] = ["git.exe", "git-commit.exe"];

/// A process as the system lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The number of the one that started it.
    pub parent: u32,
    /// The name of its program's file.
    pub program: String,
}

/// All processes by their numbers, as they were when this was first asked: those above us were there before us.
pub fn all() -> &'static HashMap<u32, Listed> {
    static ALL: OnceLock<HashMap<u32, Listed>> = OnceLock::new();
    ALL.get_or_init(list)
}

/// The processes above `pid`, the nearest first; `started` says when one began.
pub fn above(
    all: &HashMap<u32, Listed>,
    pid: u32,
    started: impl Fn(u32) -> Option<u64>,
) -> Vec<u32> {
    let (mut found, mut child) = (Vec::new(), pid);
    while let Some(parent) = all.get(&child).map(|listed| listed.parent) {
        let is_younger = matches!((started(parent), started(child)), (Some(parent), Some(child)) if parent > child);
        if is_younger || !all.contains_key(&parent) || parent == child || found.contains(&parent) {
            break;
        }
        found.push(parent);
        child = parent;
    }
    found
}

pub fn is_git(all: &HashMap<u32, Listed>, pid: u32) -> bool {
    all.get(&pid).is_some_and(|it| GIT.iter().any(|name| it.program.eq_ignore_ascii_case(name)))
}

/// When a process began, in the system's own unit; `None` where it doesn't tell.
pub fn started(pid: u32) -> Option<u64> {
    let mut times = [FILETIME::default(); 4];
    let [began, ended, kernel, user] = &mut times;
    // SAFETY: the handle is closed once, and only if there is one; the times outlive the call.
    let told = unsafe {
        let process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid);
        if process.is_null() {
            return None;
        }
        let told = GetProcessTimes(process, began, ended, kernel, user);
        CloseHandle(process);
        told
    };
    let began = u64::from(began.dwHighDateTime) << 32 | u64::from(began.dwLowDateTime);
    (told != 0).then_some(began)
}

fn list() -> HashMap<u32, Listed> {
    let mut all = HashMap::new();
    // SAFETY: no pointers; the handle is closed below.
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
    if snapshot == INVALID_HANDLE_VALUE {
        return all;
    }
    let mut entry = PROCESSENTRY32W {
        dwSize: u32::try_from(size_of::<PROCESSENTRY32W>()).unwrap_or_default(),
        ..PROCESSENTRY32W::default()
    };
    // SAFETY: the entry is of the size that it says, and lives as long as the calls.
    unsafe {
        let mut more = Process32FirstW(snapshot, &raw mut entry);
        while more != 0 {
            let name: Vec<u16> =
                entry.szExeFile.iter().copied().take_while(|&it| it != 0).collect();
            let (parent, program) = (entry.th32ParentProcessID, String::from_utf16_lossy(&name));
            all.insert(entry.th32ProcessID, Listed { parent, program });
            more = Process32NextW(snapshot, &raw mut entry);
        }
        CloseHandle(snapshot);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(processes: &[(u32, u32, &str)]) -> HashMap<u32, Listed> {
        let listed = |&(pid, parent, program): &(u32, u32, &str)| {
            (pid, Listed { parent, program: program.to_owned() })
        };
        processes.iter().map(listed).collect()
    }

    #[test]
    fn those_above_a_process_are_older_than_it() {
        let all = tree(&[(1, 0, "explorer.exe"), (2, 1, "Git.exe"), (3, 2, "sh.exe"), (4, 3, "x")]);
        assert_eq!(above(&all, 4, |pid| Some(u64::from(pid))), [3, 2, 1]);
        assert_eq!(above(&all, 4, |_| None), [3, 2, 1]);
        // 2 was started after 3: it has the number of the Git that is gone.
        assert_eq!(above(&all, 4, |pid| Some(if pid == 2 { 9 } else { 1 })), [3]);
        assert!(is_git(&all, 2) && !is_git(&all, 3) && !is_git(&all, 9));
        assert_eq!(above(&tree(&[(5, 5, "x")]), 5, |_| None), [0; 0]);
    }

    #[test]
    fn the_system_tells_of_this_process() {
        let own = std::process::id();
        let program = std::env::current_exe().unwrap();
        assert_eq!(Some(all()[&own].program.as_ref()), program.file_name());
        assert!(started(own).is_some_and(|began| began > 0));
        assert_eq!(started(0), None);
    }
}
