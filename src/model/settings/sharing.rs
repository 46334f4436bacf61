//! `core.sharedRepository`: who besides its owner may use a repository (git-config(1)).

use super::git_value::parse_bool;

/// Whom a repository is shared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sharing {
    /// No particular sharing: the umask decides.
    #[default]
    Umask,
    /// These permission bits are added to what the umask leaves.
    AtLeast(u32),
    /// These bits are given, whatever the umask.
    Exactly(u32),
}

impl Sharing {
    /// Reads the value as Git does (`git_config_perm` in its setup.c); one that it refuses is `Umask`.
    pub fn parse(value: &str) -> Self {
        const GROUP: Sharing = Sharing::AtLeast(0o660);
        const ALL: Sharing = Sharing::AtLeast(0o664);
        match value {
            "umask" | "" => return Self::Umask,
            "group" => return GROUP,
            "all" | "world" | "everybody" => return ALL,
            _ => {}
        }
        match u32::from_str_radix(value, 8) {
            Ok(1) => GROUP,
            Ok(2) => ALL,
            Ok(bits) if bits & 0o600 == 0o600 => Self::Exactly(bits & 0o666),
            Ok(_) => Self::Umask,
            Err(_) if parse_bool(Some(value)) == Some(true) => GROUP,
            Err(_) => Self::Umask,
        }
    }

    /// The mode for a file that would have `mode` (`calc_shared_perm` in Git's path.c).
    pub fn file(self, mode: u32) -> u32 {
        let (Self::AtLeast(mut bits) | Self::Exactly(mut bits)) = self else { return mode };
        if mode & 0o200 == 0 {
            bits &= !0o222;
        }
        if mode & 0o100 != 0 {
            bits |= to_enter(bits);
        }
        match self {
            Self::Exactly(_) => mode & !0o777 | bits,
            _ => mode | bits,
        }
    }

    /// The mode for a folder that would have `mode`: all who may read may enter, and what is made in it has
    /// its group (`adjust_shared_perm` in Git's path.c).
    pub fn folder(self, mode: u32) -> u32 {
        if self == Self::Umask {
            return mode;
        }
        let mode = self.file(mode);
        let mode = mode | to_enter(mode);
        if mode & 0o060 == 0 { mode } else { mode | 0o2000 }
    }

    /// The umask that leaves new files and folders these modes, where it was `umask` before.
    pub fn umask(self, umask: u32) -> u32 {
        match self {
            Self::Umask => umask,
            Self::AtLeast(bits) => umask & !(bits | to_enter(bits)),
            Self::Exactly(bits) => 0o777 & !(bits | to_enter(bits)),
        }
    }
}

/// The right to enter a folder, or to run a file, for those who may read it.
fn to_enter(bits: u32) -> u32 {
    (bits & 0o444) >> 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_git_reads_them() {
        for (text, sharing) in [
            ("umask", Sharing::Umask),
            ("", Sharing::Umask),
            ("0", Sharing::Umask),
            ("false", Sharing::Umask),
            ("nonsense", Sharing::Umask),
            ("0440", Sharing::Umask),
            ("group", Sharing::AtLeast(0o660)),
            ("True", Sharing::AtLeast(0o660)),
            ("yes", Sharing::AtLeast(0o660)),
            ("1", Sharing::AtLeast(0o660)),
            ("all", Sharing::AtLeast(0o664)),
            ("2", Sharing::AtLeast(0o664)),
            ("0640", Sharing::Exactly(0o640)),
            ("660", Sharing::Exactly(0o660)),
            ("0777", Sharing::Exactly(0o666)),
        ] {
            assert_eq!(Sharing::parse(text), sharing, "{text:?}");
        }
    }

    #[test]
    fn modes_are_those_of_git() {
        let (group, exact) = (Sharing::AtLeast(0o660), Sharing::Exactly(0o640));
        assert_eq!(
            [group.file(0o644), group.file(0o444), group.file(0o755)],
            [0o664, 0o444, 0o775]
        );
        assert_eq!(
            [exact.file(0o644), exact.file(0o444), exact.file(0o755)],
            [0o640, 0o440, 0o750]
        );
        assert_eq!([group.folder(0o700), group.folder(0o755)], [0o2770, 0o2775]);
        assert_eq!([exact.folder(0o700), exact.folder(0o777)], [0o2750, 0o2750]);
        assert_eq!([Sharing::Umask.file(0o600), Sharing::Umask.folder(0o700)], [0o600, 0o700]);
    }

    #[test]
    fn the_umask_leaves_what_is_shared() {
        assert_eq!(Sharing::AtLeast(0o660).umask(0o077), 0o007);
        assert_eq!(Sharing::AtLeast(0o664).umask(0o027), 0o002);
        assert_eq!(Sharing::Exactly(0o640).umask(0), 0o027);
    }
}
