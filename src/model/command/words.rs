//! The words of a Git command, read as Git reads them (gitcli(7)).

/// The words after the command's own.
pub(super) struct Words<'a> {
    pub(super) all: &'a [String],
    /// Those that can be options: up to `--`.
    options: &'a [String],
}

impl<'a> Words<'a> {
    pub(super) fn of(all: &'a [String]) -> Self {
        let end = all.iter().position(|word| word == "--").unwrap_or(all.len());
        Self { all, options: &all[..end] }
    }

    /// Whether this very option is there.
    pub(super) fn is_there(&self, option: &str) -> bool {
        self.options.iter().any(|word| word == option)
    }

    /// Whether this option is there, or the beginning of it: Git takes that too (gitcli(7)).
    pub(super) fn has(&self, option: &str) -> bool {
        self.options.iter().any(|word| word.len() > 2 && option.starts_with(word.as_str()))
    }

    /// Whether this letter is among the short options, of which `flags` take no value.
    pub(super) fn has_letter(&self, letter: char, flags: &str) -> bool {
        let short = self.options.iter().filter(|word| !word.starts_with("--"));
        short.filter_map(|word| word.strip_prefix('-')).any(|word| {
            word.chars()
                .take_while(|&one| one == letter || flags.contains(one))
                .any(|c| c == letter)
        })
    }

    /// The words that are no options: names of trees, it may be.
    pub(super) fn operands(&self) -> Vec<Vec<u8>> {
        let plain = self.options.iter().filter(|word| !word.starts_with('-') || *word == "-");
        plain.map(|word| tree_name(word)).collect()
    }

    /// The one word that can name a tree, the others being files.
    pub(super) fn tree(&self) -> Vec<Vec<u8>> {
        self.operands().into_iter().take(1).collect()
    }

    /// The values of an option: `--source=X`, `--source X`, `-sX`, `-s X`.
    pub(super) fn values(&self, long: &str, short: char) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        for (at, word) in self.options.iter().enumerate() {
            let next = || self.options.get(at + 1).cloned();
            let stuck = word.strip_prefix('-').and_then(|word| word.strip_prefix(short));
            let value = match (word.split_once('='), stuck) {
                (Some((name, value)), _) if name.len() > 2 && long.starts_with(name) => {
                    Some(value.to_owned())
                }
                (None, _) if word.len() > 2 && long.starts_with(word.as_str()) => next(),
                (_, Some("")) => next(),
                (_, Some(value)) => Some(value.to_owned()),
                _ => None,
            };
            found.extend(value.map(|value| tree_name(&value)));
        }
        found
    }
}

/// `-` is the branch before; of `a..b`, the end is what will be written out.
fn tree_name(word: &str) -> Vec<u8> {
    let word = if word == "-" { "@{-1}" } else { word };
    let end = word.rsplit("..").next().map(|end| end.trim_start_matches('.'));
    end.filter(|end| !end.is_empty()).unwrap_or("HEAD").as_bytes().to_vec()
}
