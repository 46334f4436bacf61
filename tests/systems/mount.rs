//! File systems of another kind than the machine's own, each in an image that is mounted for one test.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Mounts image $1 at $2: the program wants a device. That goes when the file system does.
const BY_FUSE: &str = "device=$(losetup --find --show \"$1\") || exit
    mount.exfat-fuse -o attr_timeout=0,auto_cache \"$device\" \"$2\"; status=$?
    losetup --detach \"$device\"; exit $status";

/// A mounted file system; it goes when this is dropped.
pub struct Mount {
    folder: TempDir,
    /// Through FUSE each name of a file has a cache of its own, and tells for a while what was there before
    /// it was written under another.
    pub caches_names: bool,
}

impl Mount {
    /// What a memory stick has: no case, no modes, no links, no owner, two seconds in a time.
    pub fn vfat() -> Result<Self, String> {
        Self::of_image("mkfs.vfat", &[], &["mount", "-t", "vfat", "-o", "loop,utf8"])
    }

    /// The same, with times that tell more; through FUSE, which has no rename that never replaces, where the
    /// kernel doesn't know it.
    pub fn exfat() -> Result<Self, String> {
        let kernel =
            Self::of_image("mkfs.exfat", &[], &["mount", "-i", "-t", "exfat", "-o", "loop"]);
        kernel.or_else(|_| Self::of_image("mkfs.exfat", &[], &["sh", "-c", BY_FUSE, "sh"]))
    }

    /// Linux's own, in a folder where case and the composition of characters make no difference.
    pub fn casefold() -> Result<Self, String> {
        let options = ["-q", "-O", "casefold", "-E", "encoding=utf8"];
        let mount = Self::of_image("mkfs.ext4", &options, &["mount", "-o", "loop"])?;
        run(Command::new("chattr").arg("+F").arg(mount.top()))?;
        Ok(mount)
    }

    /// What Macs had: names are decomposed, whatever they were made as.
    pub fn hfsplus() -> Result<Self, String> {
        Self::of_image("mkfs.hfsplus", &[], &["mount", "-t", "hfsplus", "-o", "loop"])
    }

    fn of_image(format: &str, options: &[&str], mount: &[&str]) -> Result<Self, String> {
        let folder = TempDir::new().unwrap();
        let image = folder.path().join("image");
        std::fs::File::create(&image).unwrap().set_len(96 << 20).unwrap();
        std::fs::create_dir(folder.path().join("mounted")).unwrap();
        run(Command::new(format).args(options).arg(&image))?;
        let made = Self { folder, caches_names: mount[0] == "sh" };
        run(Command::new(mount[0]).args(&mount[1..]).arg(&image).arg(made.at()))?;
        std::fs::create_dir(made.top()).unwrap();
        Ok(made)
    }

    fn at(&self) -> PathBuf {
        self.folder.path().join("mounted")
    }

    /// A folder of its own on it.
    pub fn top(&self) -> PathBuf {
        self.at().join("top")
    }

    /// Whether a name leads to what was made under another.
    pub fn takes_for_one(&self, one: &str, other: &str) -> bool {
        std::fs::write(self.top().join(one), "").unwrap();
        let same = self.top().join(other).exists();
        std::fs::remove_file(self.top().join(one)).unwrap();
        same
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // At once, or when the last file of it is closed.
        let _ = run(Command::new("umount").arg("-l").arg(self.at()));
    }
}

/// Runs a program that only root may run; what is wrong if it fails.
fn run(command: &mut Command) -> Result<(), String> {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let program = command.get_program().to_string_lossy().into_owned();
    let found = std::env::split_paths(&path).any(|folder| folder.join(&program).is_file());
    if !found {
        return Err(format!("no {program}"));
    }
    let ran = command.env("PATH", path).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
    ran.status.success().then_some(()).ok_or_else(|| format!("{program}: {said}"))
}
