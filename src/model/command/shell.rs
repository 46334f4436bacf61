//! A shell's command line, as far as it tells that no file is written or deleted.
//!
//! Only what is certain to read counts as harmless. A word that the shell would have to expand, a redirection into a
//! file, a program that isn't listed: each makes the whole line one that may do anything.

use super::danger;
use super::git_command;

/// Programs that only read, whatever their options.
const READERS: &str = "\
    [ basename cat cd cksum cmp column comm cut df diff dirname du echo egrep false fgrep grep head id jq ls md5sum nl \
    od paste printenv printf ps pwd readlink realpath rev seq sha1sum sha256sum sleep stat strings tac tail test tr true \
    type uname wc which whoami";

/// Those that have options which make them write, or start another program: a letter, or how a long one begins.
const READERS_BUT_FOR: [(&str, &[&str]); 7] = [
    ("date", &["-s", "--s"]),
    ("fd", &["-x", "-X", "--exec"]),
    ("file", &["-C", "--c"]),
    ("find", &["-delete", "-exec", "-ok", "-fprint", "-fls"]),
    ("rg", &["--pre", "--hostname-bin"]),
    ("sort", &["-o", "--o", "--compress-program"]),
    ("tree", &["-o", "--output"]),
];

/// Of Git's commands that leave the working tree alone: those that write files elsewhere, or run hooks or programs of
/// the user's.
const OF_GIT: &str =
    "archive bundle clone commit difftool fast-export format-patch help init maintenance push";

/// The name of the first command that isn't known to be harmless; `None` if all of them are.
pub fn danger_in(line: &str) -> Option<String> {
    let Some(commands) = commands(line) else { return Some(first_name(line)) };
    commands.iter().find(|words| !is_harmless(words)).map(|words| first_name(&words.join(" ")))
}

/// The first word that is no assignment (it may hold a secret), without its folders and as far as it is a name.
fn first_name(line: &str) -> String {
    let word = line.split_whitespace().find(|word| !word.contains('='));
    let name = word.and_then(|word| word.rsplit(['/', '\\']).next()).unwrap_or_default();
    let is_of_name = |c: &char| c.is_ascii_alphanumeric() || "._+-".contains(*c);
    name.chars().take_while(is_of_name).take(40).collect()
}

fn is_harmless(words: &[String]) -> bool {
    let [program, rest @ ..] = words else { return true };
    let of_program = READERS_BUT_FOR.iter().find(|(name, _)| name == program);
    match (program.as_str(), of_program) {
        ("git", _) => is_harmless_git(words),
        ("git-bak", _) => true,
        ("sed", _) => only_prints(rest),
        (_, Some((_, denied))) => {
            !rest.iter().any(|word| denied.iter().any(|option| has(word, option)))
        }
        (name, None) => READERS.split(' ').any(|reader| reader == name),
    }
}

/// Whether the word is this option, or has its letter among others.
fn has(word: &str, option: &str) -> bool {
    match option.strip_prefix('-') {
        Some(letter) if letter.len() == 1 => {
            word.starts_with('-') && !word.starts_with("--") && word.contains(letter)
        }
        _ => word.starts_with(option),
    }
}

/// `sed -n '10,20p' FILE`.
fn only_prints(words: &[String]) -> bool {
    let is_plain = |word: &&String| !["-n", "-E", "-r"].contains(&word.as_str());
    let mut rest = words.iter().filter(is_plain);
    rest.next()
        .is_some_and(|script| script.chars().all(|c| c.is_ascii_digit() || ",$p; ".contains(c)))
        && !rest.any(|word| word.starts_with('-'))
}

fn is_harmless_git(words: &[String]) -> bool {
    let bytes: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    let slices: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
    let Some((verb, rest)) = git_command::split(&slices) else { return false };
    // What it copies and takes back it looks after itself.
    if verb == b"bak" {
        return true;
    }
    let (before, after) = words.split_at(words.len() - rest.len());
    let is_told = |word: &String| word.starts_with("-c") || word.starts_with("--config-env");
    let starts = ["-o", "--ou", "-O", "--open", "--ext-diff"];
    let writes = |word: &String| starts.iter().any(|option| word.starts_with(option));
    let of_stash = || matches!(rest.first(), Some(&(b"list" | b"show")));
    danger::of(&bytes).is_none()
        && !OF_GIT.split(' ').any(|other| other.as_bytes() == verb)
        && (verb != b"stash" || of_stash())
        && !before.iter().any(is_told)
        && !after.iter().any(writes)
}

/// The words of each command in the line; `None` if only a shell can tell.
fn commands(line: &str) -> Option<Vec<Vec<String>>> {
    let mut all = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let is_over_all = c == '&' && chars.next_if_eq(&'>').is_some();
        match c {
            '\'' => {
                let word = word.get_or_insert_default();
                while let Some(c) = Some(chars.next()?).filter(|c| *c != '\'') {
                    word.push(c);
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                while let Some(c) = Some(chars.next()?).filter(|c| *c != '"') {
                    match c {
                        '$' | '`' => return None,
                        '\\' => word.push(chars.next()?),
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(chars.next_if(|c| *c != '\n')),
            '$' | '`' | '(' | ')' => return None,
            '#' if word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            '<' if chars.peek().is_some_and(|c| "<>(&".contains(*c)) => return None,
            '>' | '<' | '&' if c != '&' || is_over_all => {
                // Which stream it is, if it is a number.
                word.take_if(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
                all.last_mut()?.extend(word.take());
                if c != '<' && !leads_nowhere(&mut chars) {
                    return None;
                }
            }
            ' ' | '\t' => all.last_mut()?.extend(word.take()),
            '\n' | '\r' | ';' | '|' | '&' => {
                all.last_mut()?.extend(word.take());
                all.push(Vec::new());
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    all.last_mut()?.extend(word);
    Some(all)
}

/// Whether what stands behind a `>` is another stream, or nowhere.
fn leads_nowhere(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    chars.next_if_eq(&'>');
    let leads = if chars.next_if_eq(&'&').is_some() {
        chars.next_if(char::is_ascii_digit).is_some()
    } else {
        while chars.next_if_eq(&' ').is_some() {}
        "/dev/null".chars().all(|c| chars.next_if_eq(&c).is_some())
    };
    leads && chars.peek().is_none_or(|c| " \t\n;|&".contains(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_reads_is_harmless() {
        for line in [
            "",
            "ls -la",
            "cat 'a b' \"c d\" e\\ f",
            "cd src && ls; pwd || true",
            "# what is here?\nls # all\n",
            "grep -rn 'foo$(bar)' src 2>/dev/null | head -20 2>&1",
            "ls nowhere &>/dev/null &",
            "wc -l <a.txt",
            "find . -name '*.rs' -type f",
            "sort -u a || sort b",
            "sed -n '10,20p' src/main.rs",
            "rg -o foo",
            "git status && git diff --stat | cat",
            "git -C sub --no-pager log --oneline -5",
            "git stash list",
            "git bak restore a.txt",
            "git-bak list",
            "echo done",
        ] {
            assert_eq!(danger_in(line), None, "{line}");
        }
    }

    #[test]
    fn what_may_write_is_named_by_its_first_word() {
        for (line, name) in [
            ("rm -rf src", "rm"),
            ("cd src && /bin/rm x", "rm"),
            ("TOKEN=secret make all", "make"),
            ("ls > a.txt", "ls"),
            ("ls >>a.txt", "ls"),
            ("ls 2>&1 >a.txt", "ls"),
            ("ls &>a.txt", "ls"),
            ("ls >/dev/nullx", "ls"),
            ("ls >&a", "ls"),
            ("ls >&2a", "ls"),
            ("cat <>a", "cat"),
            ("cat <<'E' >a\nx\nE", "cat"),
            ("ls $(rm x)", "ls"),
            ("ls `rm x`", "ls"),
            ("echo \"$(rm x)\"", "echo"),
            ("ls $X", "ls"),
            ("(rm x)", ""),
            ("{ rm x; }", ""),
            ("ls 'a", "ls"),
            ("ls\nrm x", "rm"),
            ("ls & rm x", "rm"),
            ("ls |& tee x", "tee"),
            ("find . -delete", "find"),
            ("find . '-exec' rm {} +", "find"),
            ("sort -no a a", "sort"),
            ("sort --output=a a", "sort"),
            ("sed -i s/a/b/ f", "sed"),
            ("sed -n '1w f' g", "sed"),
            ("sed p -i f", "sed"),
            ("git reset --hard", "git"),
            ("git -c alias.x='!rm y' x", "git"),
            ("git -c core.pager=sh log", "git"),
            ("git diff --output=f", "git"),
            ("git commit -am x", "git"),
            ("git stash", "git"),
            ("git stash drop", "git"),
            ("git nonsense", "git"),
            ("git", "git"),
            ("./ls", "ls"),
            ("sudo ls", "sudo"),
            ("python3 -c 'open(\"a\",\"w\")'", "python3"),
            ("$EDITOR x", ""),
        ] {
            assert_eq!(danger_in(line).as_deref(), Some(name), "{line}");
        }
    }
}
