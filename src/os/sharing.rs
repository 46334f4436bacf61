//! The modes of folders that libgit2 and the system make in a shared repository.
//!
//! libgit2 knows nothing of `core.sharedRepository`. The umask sees to all bits but one: that what is made
//! in a folder has the folder's group.

use std::path::Path;

use crate::model::settings::sharing::Sharing;

/// Gives a folder the mode that Git would have given it.
#[cfg(unix)]
pub fn adjust_folder(folder: &Path, sharing: Sharing) {
    use std::os::unix::fs::PermissionsExt;
    if sharing == Sharing::Umask {
        return;
    }
    let Ok(meta) = folder.metadata() else { return };
    let old = meta.permissions().mode() & 0o7777;
    let new = sharing.folder(old);
    if new != old {
        // Another user's folder is that user's to change, and has its mode already.
        let _ = std::fs::set_permissions(folder, PermissionsExt::from_mode(new));
    }
}

/// There are no such modes here.
#[cfg(not(unix))]
pub fn adjust_folder(_: &Path, _: Sharing) {}
