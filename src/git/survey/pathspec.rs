//! Which files a survey is about, as the pathspecs that Git takes (gitglossary(7), "pathspec").

#[derive(Debug, Clone, Default)]
pub struct SurveyOptions {
    /// Untracked files that aren't ignored, too.
    pub untracked: bool,
    /// Pathspecs to look at; none: everywhere.
    pub only: Vec<Vec<u8>>,
    /// Pathspecs to leave out (`bak.exclude`).
    pub exclude: Vec<Vec<u8>>,
}

/// The pathspec arguments for these options: excluding alone means "all but these".
pub fn pathspecs(options: &SurveyOptions) -> Vec<Vec<u8>> {
    let mut specs = options.only.clone();
    if !options.exclude.is_empty() && specs.is_empty() {
        specs.push(b":/".to_vec());
    }
    specs.extend(options.exclude.iter().map(|spec| exclusion(spec)));
    specs
}

/// `spec` as a pathspec that leaves out what it matches, whatever magic it has of its own
/// (gitglossary, "pathspec").
fn exclusion(spec: &[u8]) -> Vec<u8> {
    if let Some(rest) = spec.strip_prefix(b":(") {
        return [b":(exclude,", rest].concat();
    }
    if let Some(rest) = spec.strip_prefix(b":/") {
        return [b":(exclude,top)", rest].concat();
    }
    [b":(exclude)", spec].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pathspec_keeps_its_own_magic_when_it_excludes() {
        assert_eq!(exclusion(b"*.log"), b":(exclude)*.log");
        assert_eq!(exclusion(b":(icase)*.LOG"), b":(exclude,icase)*.LOG");
        assert_eq!(exclusion(b":/target"), b":(exclude,top)target");
    }
}
