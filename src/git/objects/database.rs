//! Opening an object database by itself: the one call that git2 doesn't wrap.

use std::ffi::CString;
use std::path::Path;

use anyhow::Result;
use git2::{Binding, Odb};

use crate::git::object_format::ObjectFormat;

impl ObjectFormat {
    fn of_libgit2(self) -> libgit2_sys::git_oid_t {
        match self {
            Self::Sha1 => libgit2_sys::GIT_OID_SHA1,
            Self::Sha256 => libgit2_sys::GIT_OID_SHA256,
        }
    }
}

/// `git_odb_open`, which git2 doesn't wrap. Alternates are found through the folder itself.
pub(super) fn open<'a>(dir: &Path, format: ObjectFormat) -> Result<Odb<'a>> {
    // Any call of git2's initialises libgit2 first.
    drop(Odb::new()?);
    let dir = CString::new(crate::os::platform::bytes_of(dir.as_os_str()))?;
    let options = libgit2_sys::git_odb_options {
        version: libgit2_sys::GIT_ODB_OPTIONS_VERSION,
        oid_type: format.of_libgit2(),
    };
    let mut raw = std::ptr::null_mut();
    // SAFETY: libgit2 is initialised; all three pointers are valid for the call, which copies what it
    // keeps; `raw` is only used if it says that it wrote it.
    let code = unsafe { libgit2_sys::git_odb_open(&mut raw, dir.as_ptr(), &options) };
    if code < 0 {
        return Err(git2::Error::last_error(code).into());
    }
    // SAFETY: `raw` is a database that nothing else owns; `Odb` frees it once.
    Ok(unsafe { Odb::from_raw(raw) })
}

/// The packs of a folder, and nothing that it borrows.
pub(super) fn open_packs<'a>(dir: &Path, format: ObjectFormat) -> Result<Odb<'a>> {
    let odb = Odb::new_ext(format.of_git2())?;
    let dir = CString::new(crate::os::platform::bytes_of(dir.as_os_str()))?;
    let options = libgit2_sys::git_odb_backend_pack_options {
        version: libgit2_sys::GIT_ODB_BACKEND_PACK_OPTIONS_VERSION,
        oid_type: format.of_libgit2(),
    };
    let mut packs = std::ptr::null_mut();
    // SAFETY: libgit2 is initialised; all pointers are valid for the calls. A backend that was made goes to the database,
    // which frees it; one that it doesn't take is never freed.
    let code = unsafe {
        match libgit2_sys::git_odb_backend_pack(&mut packs, dir.as_ptr(), &options) {
            0 => libgit2_sys::git_odb_add_backend(odb.raw(), packs, 1),
            code => code,
        }
    };
    if code < 0 { Err(git2::Error::last_error(code).into()) } else { Ok(odb) }
}

/// From now on every object that this process writes is on the disk when its write returns.
pub(super) fn sync_writes() {
    drop(Odb::new());
    let option = libgit2_sys::GIT_OPT_ENABLE_FSYNC_GITDIR as std::ffi::c_int;
    // SAFETY: libgit2 is initialised; the option takes one number.
    unsafe { libgit2_sys::git_libgit2_opts(option, 1 as std::ffi::c_int) };
}
