//! Words for a vault or a record that can't do its work.

use super::{FIX, Said, fix};
use crate::term::report::count;
use crate::term::{Term, path_word};
use crate::vault::health::VaultFinding;
use crate::vault::mend::MendedVault;
use crate::vault::{LeftOut, Why};

impl Term {
    /// What is wrong with it, and what helps.
    pub(super) fn of_vault(&self, finding: &VaultFinding) -> Said {
        match finding {
            VaultFinding::NoFolder(path) => fix(&format!("{} is not a folder", path.display())),
            VaultFinding::Link(path) => {
                fix(&format!("{} is a symbolic link that git-bak didn't make", path.display()))
            }
            VaultFinding::HalfMade(path) => fix(&format!("{} is missing", path.display())),
            VaultFinding::OtherFormat => fix("its object format is not that of this repository"),
            VaultFinding::NotLent => fix("it doesn't read the objects in bak/new"),
            VaultFinding::Broken(why) => fix(&format!("it is damaged: {why}")),
            VaultFinding::Damaged(blobs) => {
                fix(&format!("{} in bak/new can't be read back", count(*blobs, "file")))
            }
            VaultFinding::Unreadable(why) => (format!("it can't be read in full now: {why}"), None),
            VaultFinding::ReadOnly(folder) => {
                let word = path_word(folder);
                let text = format!("{} can't be written to", folder.display());
                (text, Some(format!("chmod -R u+rwX {word}")))
            }
            VaultFinding::Lacking(left_out) => self.lacking(left_out),
            VaultFinding::Unrecorded(days) => {
                let lines = count(days.values().sum(), "line");
                fix(&format!("the record lacks {lines} that the vault has"))
            }
            VaultFinding::Senseless(lines) => {
                let text = format!(
                    "{} of the record can't be read, and are skipped",
                    count(*lines, "line")
                );
                (text, None)
            }
            VaultFinding::Aside(path) => {
                let text = format!("damaged parts of the vault were set aside: {}", path.display());
                (text, Some(format!("rm -rf {}", path_word(path))))
            }
        }
    }

    fn lacking(&self, left_out: &[LeftOut]) -> Said {
        let what = |it: &LeftOut| match it.why {
            Why::Absent => "gone",
            _ => "not readable",
        };
        let names = left_out.iter().map(|it| format!("{} ({})", self.name(&it.path), what(it)));
        let text = format!("{} can't be had", count(left_out.len(), "version"));
        (self.with_names(text, names), Some(FIX.to_owned()))
    }
}

pub(super) fn mended(mended: &MendedVault) -> String {
    let mut done = Vec::new();
    if let Some(aside) = &mended.aside {
        done.push(format!("rebuilt; the damaged one is {}", aside.display()));
    }
    if let Some((blobs, aside)) = &mended.blobs_aside {
        done.push(format!("{} set aside: {}", count(*blobs, "damaged file"), aside.display()));
    }
    if mended.recorded > 0 {
        done.push(format!("the record has {} back", count(mended.recorded, "line")));
    }
    if mended.saved > 0 {
        done.push(format!("{} brought over", count(mended.saved, "version")));
    }
    if mended.lost > 0 {
        done.push(format!("{} lost for good, and recorded as lost", count(mended.lost, "version")));
    }
    match done.is_empty() {
        true => "folded again".to_owned(),
        false => done.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::settings::Settings;

    fn words(finding: &VaultFinding) -> Said {
        Term::of_command(&Settings::default()).of_vault(finding)
    }

    #[test]
    fn what_cannot_be_written_or_read_is_named_with_what_helps() {
        let (text, remedy) = words(&VaultFinding::ReadOnly("/r/.git/bak/new".into()));
        assert!(text.starts_with("/r/.git/bak/new ") && text.ends_with("can't be written to"));
        assert_eq!(remedy.unwrap(), "chmod -R u+rwX /r/.git/bak/new");
        let (text, remedy) = words(&VaultFinding::Unreadable("denied".into()));
        assert_eq!((text.as_str(), remedy), ("it can't be read in full now: denied", None));
        let lost = |path: &str, why| LeftOut { path: path.into(), id: String::new(), time: 0, why };
        let (text, _) =
            words(&VaultFinding::Lacking(vec![lost("a", Why::Absent), lost("b", Why::Damaged)]));
        assert_eq!(text, "2 versions can't be had: a (gone), b (not readable)");
    }
}
