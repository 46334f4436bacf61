//! Where the user's own files are.

use std::path::PathBuf;

/// The user's home. Where `HOME` isn't set Git has no settings of the user's either, whatever else the system knows.
pub fn home() -> Option<PathBuf> {
    let home =
        if cfg!(windows) { std::env::home_dir() } else { std::env::var_os("HOME").map(Into::into) };
    home.filter(|home: &PathBuf| home.is_absolute() && home.is_dir())
}

/// The folder that a variable names, if it names one.
pub fn folder_of(variable: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(variable).map(PathBuf::from);
    folder.filter(|folder| folder.is_absolute())
}
