//! Making `bak/vault.git`: an ordinary bare repository, in the object format of the user's, with its refs as
//! files.
//!
//! By hand, and not by `git init`: no template, no setting and no variable of the user's has a say in it. It is
//! made under another name and renamed into place, so that it is whole or isn't there.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::git::object_format::ObjectFormat;
use crate::os::private;

const HEAD: &str = "ref: refs/heads/none\n";

/// Makes the repository `bak/vault.git` and the folder `bak/new` that it borrows from, unless they are there.
pub fn ensure(bak: &Path, format: ObjectFormat) -> io::Result<()> {
    let place = bak.join("vault.git");
    if place.join("HEAD").symlink_metadata().is_ok() {
        return Ok(());
    }
    private::make_dir(&bak.join("new"))?;
    let aside = bak.join(format!("vault.git-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&aside);
    let borrows =
        || private::write(&aside.join("objects/info/alternates"), super::BORROWED.as_bytes());
    let made = fill(&aside, format)
        .and_then(|()| borrows())
        .and_then(|()| std::fs::rename(&aside, &place));
    if made.is_err() {
        let _ = std::fs::remove_dir_all(&aside);
    }
    match made {
        // Another process was first.
        Err(error)
            if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty)
                && place.join("HEAD").is_file() =>
        {
            Ok(())
        }
        other => other,
    }
}

/// Rewrites those of the vault's own small files that a power cut has left cut short or empty: without its HEAD and
/// settings Git sees no repository; without what it borrows, all that hooks put into `bak/new` would look absent.
pub(super) fn put_right(bak: &Path, format: ObjectFormat) -> io::Result<()> {
    let vault = bak.join("vault.git");
    let config = config(format);
    let files = [("HEAD", HEAD), ("config", &config), ("objects/info/alternates", super::BORROWED)];
    for (name, text) in files {
        let path = vault.join(name);
        let now = std::fs::read(&path).unwrap_or_default();
        let is_whole = match name {
            "HEAD" => now.starts_with(b"ref: refs/") && now.ends_with(b"\n"),
            "config" => {
                !now.contains(&0) && (now == text.as_bytes() || !text.as_bytes().starts_with(&now))
            }
            _ => now == text.as_bytes(),
        };
        if !is_whole {
            private::make_dir(path.parent().unwrap_or(&vault))?;
            private::write(&path, text.as_bytes())?;
        }
    }
    Ok(())
}

/// Makes a repository anywhere.
pub(super) fn fill(place: &Path, format: ObjectFormat) -> io::Result<()> {
    for folder in ["objects/info", "objects/pack", "refs/heads"] {
        private::make_dir(&place.join(folder))?;
    }
    private::write(&place.join("HEAD"), HEAD.as_bytes())?;
    private::write(&place.join("config"), config(format).as_bytes())
}

fn config(format: ObjectFormat) -> String {
    let (version, extension) = match format {
        ObjectFormat::Sha1 => (0, ""),
        ObjectFormat::Sha256 => (1, "[extensions]\n\tobjectFormat = sha256\n"),
    };
    format!(
        "[core]\n\trepositoryFormatVersion = {version}\n\tbare = true\n\tlogAllRefUpdates = false\n{extension}\
         [gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
    )
}
