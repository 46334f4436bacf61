//! Which git-bak programs a foreign text starts: a hook, or a hook manager's settings.

/// What may stand between two words of a command: blanks in a shell, more in a list of another language.
const BETWEEN: [char; 8] = [' ', '\t', '\'', '"', ',', '(', ')', ']'];
/// What a word without quotes begins after.
const BEFORE: [char; 12] = [' ', '\t', '\'', '"', '(', '[', '{', ';', '|', '&', '=', ','];

/// The programs that the lines of `text` start with these words (`hook pre-commit`), each as it is written there
/// without its quotes; `git-bak` for `git bak`. Comments start nothing.
pub fn started(text: &[u8], words: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().filter(|line| !is_comment(line));
    lines.flat_map(|line| of_line(line, words)).collect()
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') || line.starts_with("//")
}

fn of_line(line: &str, words: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["git-bak.exe", "git-bak", "git bak"] {
        for (at, _) in line.match_indices(name) {
            let end = at + name.len();
            if follow(&line[end..], words) {
                let is_verb_of_git = name == "git bak";
                found.push(
                    if is_verb_of_git { "git-bak" } else { program(line, at, end) }.to_owned(),
                );
            }
        }
    }
    found
}

fn follow(line: &str, words: &str) -> bool {
    let mut rest = line;
    for word in words.split(' ') {
        let next = rest.trim_start_matches(BETWEEN);
        match next.strip_prefix(word) {
            Some(after) if next.len() < rest.len() => rest = after,
            _ => return false,
        }
    }
    !rest.starts_with(|c: char| c.is_alphanumeric() || "-_".contains(c))
}

/// The word that ends in the name at `at`: what its quotes hold, or as far back as nothing parts it.
fn program(line: &str, at: usize, end: usize) -> &str {
    let quote = line[end..].chars().next().filter(|c| "'\"".contains(*c));
    let before = &line[..at];
    let start = match quote {
        Some(quote) => before.rfind(quote),
        None => before.rfind(BEFORE),
    };
    // All of them are one byte long.
    &line[start.map_or(0, |start| start + 1)..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_what_stands_before_its_words() {
        for (line, program) in [
            ("git-bak hook pre-commit \"$@\"", "git-bak"),
            ("git bak hook pre-commit", "git-bak"),
            ("[ ! -x /b/git-bak ] || /b/git-bak hook pre-commit \"$@\" || exit $?", "/b/git-bak"),
            ("'/my bin/git-bak' hook pre-commit", "/my bin/git-bak"),
            ("\"$HOME/bin/git-bak\" hook pre-commit", "$HOME/bin/git-bak"),
            ("system('/my bin/git-bak', 'hook', 'pre-commit', *ARGV)", "/my bin/git-bak"),
            ("    entry: '/b/git-bak hook pre-commit'", "/b/git-bak"),
            ("  run: /b/git-bak hook pre-commit {staged_files}", "/b/git-bak"),
            ("C:/b/git-bak.exe hook pre-commit", "C:/b/git-bak.exe"),
            ("x=1;/b/git-bak hook pre-commit;", "/b/git-bak"),
        ] {
            assert_eq!(started(line.as_bytes(), "hook pre-commit"), [program], "{line}");
        }
    }

    #[test]
    fn what_starts_no_program_with_these_words_is_passed_over() {
        for line in [
            "# git-bak hook pre-commit",
            "// \"git-bak hook pre-commit\"",
            "repo: /srv/git-bak",
            "- id: git-bak",
            "git-bak hook pre-commits",
            "git-bak hook",
            "git-bakhook pre-commit",
            "git-bak post-commit",
            "",
        ] {
            assert_eq!(started(line.as_bytes(), "hook pre-commit"), [""; 0], "{line}");
        }
    }
}
