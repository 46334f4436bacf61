//! The folders on the way to a file. Behind a link is none of Git's files.

use rustix::fs::FileType;

use super::below::stat_at;
use super::unchanged::Unchanged;
use crate::os::folder::Folder;

/// The way to the file that was looked at last: to the next, only what is new on it is asked for.
#[derive(Default)]
pub(super) struct Way<'a> {
    /// Where it leads; empty at the top.
    pub folder: &'a [u8],
    /// Of each folder on it how long its path is, and whether it, or one before it, may not always have been there.
    steps: Vec<(usize, bool)>,
}

impl<'a> Way<'a> {
    /// Goes to `folder`; `None` if not every step there is a folder and no link.
    pub(super) fn go(
        &mut self,
        top: &Folder,
        unchanged: Option<&Unchanged>,
        folder: &'a [u8],
    ) -> Option<()> {
        let common = self.folder.iter().zip(folder).take_while(|(a, b)| a == b).count();
        let is_on_it = |end: usize| end <= common && folder.get(end).is_none_or(|&it| it == b'/');
        self.steps.retain(|&(end, _)| is_on_it(end));
        self.folder = folder;
        let mut start = self.steps.last().map_or(0, |(end, _)| end + 1);
        while let Some(rest) = folder.get(start..).filter(|rest| !rest.is_empty()) {
            let length = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
            let stat = stat_at(top, &folder[..start + length])?;
            if !FileType::from_raw_mode(stat.st_mode).is_dir() {
                return None;
            }
            let is_new = unchanged.is_some_and(|unchanged| unchanged.may_be_moved(&stat));
            self.steps.push((start + length, self.may_be_moved() || is_new));
            start += length + 1;
        }
        Some(())
    }

    /// Whether what lies in it may have been moved there, as far as the monitor's knowledge goes.
    pub(super) fn may_be_moved(&self) -> bool {
        self.steps.last().is_some_and(|&(_, may_be)| may_be)
    }
}
