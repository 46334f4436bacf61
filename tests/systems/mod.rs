//! A day with git-bak on other systems and file systems than the developers': Windows, names that fold, no
//! links, no modes, coarse times.

mod day;
mod here;
#[cfg(target_os = "linux")]
mod mount;
#[cfg(target_os = "linux")]
mod mounted;
#[cfg(windows)]
mod windows;
