//! What a typed word selects among files: a pathspec of Git's (gitglossary(7)).

use anyhow::{Result, bail};

/// One pathspec, relative to the top.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pathspec {
    /// The path or pattern; empty for the whole working tree.
    pattern: Vec<u8>,
    /// How much of it is the current folder: no pattern, whatever is in its name.
    plain: usize,
    is_literal: bool,
    /// `*` and `?` stop at a `/`.
    is_glob: bool,
    ignores_case: bool,
    /// It leaves out what it matches.
    pub excludes: bool,
}

impl Pathspec {
    /// The pathspec that `word` is in the folder `here`. A word that begins with a `/` is no pathspec: only the caller
    /// knows where the top is.
    ///
    /// # Errors
    /// For a path outside the working tree, and for magic that is none of Git's or that needs Git (`attr`).
    pub fn parse(word: &[u8], here: &[u8]) -> Result<Self> {
        let mut spec = Self::default();
        let (rest, from_top) = spec.magic(word)?;
        let folders = |path: &[u8]| -> Vec<Vec<u8>> {
            let names = path.split(|&byte| byte == b'/').filter(|name| !name.is_empty());
            names.map(<[u8]>::to_vec).collect()
        };
        let mut names = if from_top { Vec::new() } else { folders(here) };
        let mut plain = names.len();
        for name in folders(rest) {
            match &name[..] {
                b"." => {}
                b".." if names.pop().is_none() => bail!("it is outside the working tree"),
                b".." => plain = plain.min(names.len()),
                _ => names.push(name),
            }
        }
        spec.plain = names[..plain].iter().map(|name| name.len() + 1).sum();
        spec.pattern = names.join(&b'/');
        Ok(spec)
    }

    /// The very path, whatever is in its name.
    pub fn literal(path: &[u8]) -> Self {
        Self { pattern: path.to_vec(), is_literal: true, ..Self::default() }
    }

    /// Reads what stands before the path, and whether that begins at the top.
    fn magic<'a>(&mut self, word: &'a [u8]) -> Result<(&'a [u8], bool)> {
        let mut from_top = false;
        if let Some(long) = word.strip_prefix(b":(") {
            let Some(end) = long.iter().position(|&byte| byte == b')') else {
                bail!("its ':(' has no ')'");
            };
            for magic in long[..end].split(|&byte| byte == b',') {
                match magic {
                    b"" => {}
                    b"top" => from_top = true,
                    b"literal" => self.is_literal = true,
                    b"glob" => self.is_glob = true,
                    b"icase" => self.ignores_case = true,
                    b"exclude" => self.excludes = true,
                    other => bail!("git-bak can't select by '{}'", String::from_utf8_lossy(other)),
                }
            }
            return Ok((&long[end + 1..], from_top));
        }
        let Some(mut rest) = word.strip_prefix(b":") else { return Ok((word, false)) };
        // A lone colon is the whole working tree.
        from_top |= rest.is_empty();
        loop {
            match rest {
                [b'/', more @ ..] => (from_top, rest) = (true, more),
                [b'!' | b'^', more @ ..] => (self.excludes, rest) = (true, more),
                [b':', more @ ..] => return Ok((more, from_top)),
                _ => return Ok((rest, from_top)),
            }
        }
    }

    /// Whether a word may be more than a plain path.
    pub fn is_special(word: &[u8]) -> bool {
        word.starts_with(b":") || word.iter().any(|byte| b"*?[\\".contains(byte))
    }

    /// Whether it is the whole working tree.
    pub fn is_all(&self) -> bool {
        self.pattern.is_empty()
    }

    /// Whether it matches this path: by its name, by that of a folder above it, or as a pattern.
    pub fn has(&self, path: &[u8]) -> bool {
        let same = |a: &[u8], b: &[u8]| a == b || self.ignores_case && a.eq_ignore_ascii_case(b);
        if self.pattern.is_empty() {
            return true;
        }
        if let Some((above, below)) = path.split_at_checked(self.pattern.len())
            && same(above, &self.pattern)
            && (below.is_empty() || below[0] == b'/')
        {
            return true;
        }
        let plain = self.plain.min(self.pattern.len());
        !self.is_literal
            && path.get(..plain).is_some_and(|above| same(above, &self.pattern[..plain]))
            && self.fits(&self.pattern[plain..], &path[plain..], true)
    }

    /// Whether a pattern fits a whole text (wildmatch.c in Git); `starts`: the pattern is at a name's beginning.
    fn fits(&self, pattern: &[u8], text: &[u8], starts: bool) -> bool {
        let one = |wanted: u8, rest: &[u8]| match text {
            [byte, more @ ..] if self.is_same(wanted, *byte) => {
                self.fits(rest, more, wanted == b'/')
            }
            _ => false,
        };
        match pattern {
            [] => text.is_empty(),
            [b'*', ..] => self.star_fits(pattern, text, starts),
            [b'?', rest @ ..] => match text {
                [byte, more @ ..] if !self.stops(*byte) => self.fits(rest, more, false),
                _ => false,
            },
            [b'[', rest @ ..] => match text {
                [byte, more @ ..] if !self.stops(*byte) => {
                    let found = self.set(rest, *byte);
                    found.is_some_and(|(is_in, rest)| is_in && self.fits(rest, more, false))
                }
                _ => false,
            },
            [b'\\', byte, rest @ ..] => one(*byte, rest),
            [byte, rest @ ..] => one(*byte, rest),
        }
    }

    fn star_fits(&self, pattern: &[u8], text: &[u8], starts: bool) -> bool {
        let stars = pattern.iter().take_while(|&&byte| byte == b'*').count();
        let rest = &pattern[stars..];
        let is_alone = starts && matches!(rest, [] | [b'/', ..]);
        let crosses = !self.is_glob || stars > 1 && is_alone;
        if self.is_glob
            && crosses
            && let [b'/', below @ ..] = rest
            && self.fits(below, text, true)
        {
            // `**/` is no folder at all, too.
            return true;
        }
        let reach = text.iter().position(|byte| !crosses && *byte == b'/').unwrap_or(text.len());
        (0..=reach).any(|at| self.fits(rest, &text[at..], false))
    }

    /// Whether a byte is in the set behind a `[`, and what follows that; `None` for one that never ends.
    fn set<'a>(&self, set: &'a [u8], byte: u8) -> Option<(bool, &'a [u8])> {
        let negated = matches!(set, [b'!' | b'^', ..]);
        let mut rest = &set[usize::from(negated)..];
        let (mut is_in, mut is_first) = (false, true);
        loop {
            match rest {
                [b']', more @ ..] if !is_first => return Some((is_in != negated, more)),
                [b'[', b':', more @ ..] if more.windows(2).any(|two| two == b":]") => {
                    let end = more.windows(2).position(|two| two == b":]")?;
                    is_in |= is_of_class(&more[..end], byte);
                    rest = &more[end + 2..];
                }
                [] => return None,
                _ => {
                    let (low, more) = escaped(rest)?;
                    rest = more;
                    let high = match more {
                        [b'-', end, ..] if *end != b']' => {
                            let (high, more) = escaped(&more[1..])?;
                            rest = more;
                            high
                        }
                        _ => low,
                    };
                    let cases = [byte, byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
                    let cases = &cases[..if self.ignores_case { 3 } else { 1 }];
                    is_in |= cases.iter().any(|byte| (low..=high).contains(byte));
                }
            }
            is_first = false;
        }
    }

    fn is_same(&self, wanted: u8, byte: u8) -> bool {
        wanted == byte || self.ignores_case && wanted.eq_ignore_ascii_case(&byte)
    }

    fn stops(&self, byte: u8) -> bool {
        self.is_glob && byte == b'/'
    }
}

/// The first byte of a set, which a `\` may stand before, and the rest.
fn escaped(set: &[u8]) -> Option<(u8, &[u8])> {
    match set {
        [b'\\', byte, rest @ ..] | [byte, rest @ ..] => Some((*byte, rest)),
        [] => None,
    }
}

fn is_of_class(class: &[u8], byte: u8) -> bool {
    match class {
        b"alpha" => byte.is_ascii_alphabetic(),
        b"digit" => byte.is_ascii_digit(),
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"upper" => byte.is_ascii_uppercase(),
        b"lower" => byte.is_ascii_lowercase(),
        b"space" => byte.is_ascii_whitespace(),
        b"punct" => byte.is_ascii_punctuation(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_ones_are_refused() {
        for (word, here) in
            [("..", ""), ("../../x", "a"), (":(top", ""), (":(attr:x)y", ""), (":(odd)", "")]
        {
            assert!(Pathspec::parse(word.as_bytes(), here.as_bytes()).is_err(), "{word}");
        }
    }

    #[test]
    fn a_folder_one_is_in_is_no_pattern() {
        let spec = Pathspec::parse(b"*.rs", b"[a]").unwrap();
        assert!(spec.has(b"[a]/x.rs") && !spec.has(b"a/x.rs"));
        let spec = Pathspec::parse(b"../*.rs", b"[a]/b").unwrap();
        assert!(spec.has(b"[a]/x.rs") && !spec.has(b"a/x.rs"));
        assert!(!Pathspec::literal(b"*").has(b"a") && Pathspec::literal(b"*").has(b"*/a"));
    }
}
