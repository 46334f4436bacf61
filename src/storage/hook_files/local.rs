//! Whether a folder is on a disk of this machine.

use std::path::Path;

/// Whether it is. On a network's disk, or one that a host lends to its guests, a program of this machine may
/// be started by another that can't run it (`statfs(2)`).
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn is_local(folder: &Path) -> bool {
    const ELSEWHERE: [u64; 9] = [
        0x6969,      // NFS
        0x517b,      // SMB
        0xff53_4d42, // CIFS
        0xfe53_4d42, // SMB2
        0x0102_1997, // 9p: the disks of Windows in WSL, folders of a virtual machine's host
        0x6573_5546, // FUSE: sshfs, shared folders of virtual machines
        0x5346_414f, // AFS
        0x00c3_6400, // Ceph
        0x786f_4256, // VirtualBox's shared folders
    ];
    let kind = |folder| rustix::fs::statfs(folder).ok().map(|found| found.f_type);
    // The folder may be still to be made.
    let kind = folder.ancestors().find_map(kind);
    kind.is_some_and(|kind| !ELSEWHERE.contains(&(kind as u64 & 0xffff_ffff)))
}

/// Nothing is known here: it may not be.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn is_local(_: &Path) -> bool {
    false
}
