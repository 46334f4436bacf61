//! Who may use a file, as far as a copy of it can be given to the same people.

/// Permission bits, and the group that the middle ones are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    pub bits: u32,
    /// Known only where its rights differ from those of all others.
    pub group: Option<u32>,
}

impl Access {
    pub fn new(bits: u32, group: u32) -> Self {
        let bits = bits & 0o777;
        Self { bits, group: (bits >> 3 & 7 != bits & 7).then_some(group) }
    }

    /// Of a file that only its owner uses.
    pub fn of_owner(bits: u32) -> Self {
        Self { bits: bits & 0o700, group: None }
    }
}

/// The bits for a file that can't keep its group: the group and all others each get only what both had.
pub fn of_another_group(bits: u32) -> u32 {
    let both = bits >> 3 & bits & 7;
    bits & 0o700 | both << 3 | both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_counts_where_its_rights_are_others_than_everybodys() {
        assert_eq!(Access::new(0o644, 5).group, None);
        assert_eq!(Access::new(0o640, 5).group, Some(5));
        assert_eq!(Access::new(0o604, 5).group, Some(5));
    }

    #[test]
    fn another_group_gets_what_both_had() {
        for (bits, narrowed) in [(0o640, 0o600), (0o664, 0o644), (0o604, 0o600), (0o755, 0o755)] {
            assert_eq!(of_another_group(bits), narrowed, "{bits:o}");
        }
    }
}
