//! Our hook scripts: how they are made, and how one is known again.
//!
//! A shim may be replaced or removed only if it was never edited. So its text alone decides: it must
//! be what a template gives for the version in its marker line and for the path that stands in it.

use crate::model::hook::name::HookName;

const PROGRAM: &[u8] = b"@GIT_BAK@";
const VERSION: &[u8] = b"@VERSION@";
const MARKER: &[u8] = b"# git-bak shim ";

fn template(hook: HookName) -> &'static str {
    match hook {
        HookName::PostIndexChange => include_str!("../../../hooks/post-index-change"),
        HookName::PreCommit => include_str!("../../../hooks/pre-commit"),
        HookName::PostCommit => include_str!("../../../hooks/post-commit"),
        HookName::PostCheckout => include_str!("../../../hooks/post-checkout"),
    }
}

/// The shim of `hook` that starts the program at `program`, the path as a shell needs it to be.
pub fn render(hook: HookName, program: &[u8], version: &str) -> Vec<u8> {
    fill(template(hook), &single_quoted(program), version)
}

/// The version of git-bak that wrote this hook, if git-bak did.
pub fn shim_version(text: &[u8]) -> Option<&str> {
    let line = text.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(MARKER))?;
    let end = line.iter().position(|&b| b == b':')?;
    let version = std::str::from_utf8(&line[..end]).ok();
    // A hook may be a link to the program, and the templates stand in that.
    version.filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether this is a shim of `hook`, as it was written.
pub fn is_intact(hook: HookName, text: &[u8]) -> bool {
    program(hook, text).is_some()
}

/// The program that an intact shim of `hook` starts; `None` for any other text.
pub fn program(hook: HookName, text: &[u8]) -> Option<Vec<u8>> {
    let version = shim_version(text)?;
    let program = program_in(template(hook), version, text)?;
    let is_ours = fill(template(hook), program, version) == text;
    is_ours.then(|| unquoted(program))?
}

/// The line that does for a foreign hook what a shim does: it runs git-bak first, stops only when git-bak says so,
/// and is harmless where git-bak is not, or dies.
pub fn line_to_add(hook: HookName, program: &[u8]) -> String {
    let program = crate::model::names::quote::shell_word(program);
    let start = format!("{program} hook {hook} --script $PPID \"$@\"");
    format!("[ ! -x {program} ] || {start} || [ $? != 11 ] || exit 1")
}

fn fill(template: &str, program: &[u8], version: &str) -> Vec<u8> {
    replace(&replace(template.as_bytes(), VERSION, version.as_bytes()), PROGRAM, program)
}

/// The word that stands for the program in `text`, provided that it comes from `template`: then it
/// begins where the placeholder does, and its length follows from the whole's.
fn program_in<'a>(template: &str, version: &str, text: &'a [u8]) -> Option<&'a [u8]> {
    let template = replace(template.as_bytes(), VERSION, version.as_bytes());
    let first = find(&template, PROGRAM)?;
    let times = (template.len() - replace(&template, PROGRAM, b"").len()) / PROGRAM.len();
    let fixed = template.len() - times * PROGRAM.len();
    let length = text.len().checked_sub(fixed)? / times;
    text.get(first..first + length)
}

/// A word that every POSIX shell reads back as these bytes.
pub fn single_quoted(word: &[u8]) -> Vec<u8> {
    [b"'", &replace(word, b"'", b"'\\''")[..], b"'"].concat()
}

/// What a word of [`single_quoted`] was made of.
pub fn unquoted(word: &[u8]) -> Option<Vec<u8>> {
    let word = word.strip_prefix(b"'")?.strip_suffix(b"'")?;
    Some(replace(word, b"'\\''", b"'"))
}

fn replace(text: &[u8], what: &[u8], with: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find(rest, what) {
        result.extend_from_slice(&rest[..at]);
        result.extend_from_slice(with);
        rest = &rest[at + what.len()..];
    }
    result.extend_from_slice(rest);
    result
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &[u8] = b"/home/u/it's here/git-bak";

    /// On Windows Git may have written the source out with others.
    #[test]
    fn shims_have_the_line_ends_of_a_shell() {
        for hook in HookName::ALL {
            assert!(!template(hook).contains('\r'));
        }
    }

    #[test]
    fn a_shim_is_known_again_whatever_its_path_and_version() {
        for hook in HookName::ALL {
            for path in [PATH, b"/b", b"/a\nb", b"/@VERSION@", b"/@GIT_BAK@", b"/\xff", b""] {
                let shim = render(hook, path, "1.2.3-rc1");
                assert_eq!(shim_version(&shim), Some("1.2.3-rc1"));
                assert!(is_intact(hook, &shim), "{hook} {}", path.escape_ascii());
                assert_eq!(program(hook, &shim).as_deref(), Some(path));
            }
        }
    }

    #[test]
    fn no_placeholder_is_left_and_the_path_is_one_word() {
        let shim = render(HookName::PreCommit, PATH, "0.1.0");
        assert!(find(&shim, PROGRAM).is_none() && find(&shim, VERSION).is_none());
        assert!(find(&shim, br"b='/home/u/it'\''s here/git-bak' old=").is_some());
    }

    #[test]
    fn an_edited_shim_is_not_intact() {
        let shim = render(HookName::PreCommit, PATH, "0.1.0");
        let more = [&shim[..], b"echo hello\n"].concat();
        let without_place = replace(&shim, b"b='/home", b"'/home");
        let crlf = replace(&shim, b"\n", b"\r\n");
        for edited in [more, without_place, crlf, shim[..shim.len() - 1].to_vec()] {
            assert_eq!(shim_version(&edited), Some("0.1.0"));
            assert!(!is_intact(HookName::PreCommit, &edited));
            assert_eq!(program(HookName::PreCommit, &edited), None);
        }
        assert!(!is_intact(HookName::PostCommit, &shim), "a shim of another hook");
    }

    #[test]
    fn a_hook_that_only_speaks_of_git_bak_is_no_shim() {
        for text in [
            "",
            "#!/bin/sh\n",
            "# git-bak shim",
            "# git-bak shim :",
            "echo '# git-bak shim 1:'",
            template(HookName::PreCommit),
        ] {
            assert_eq!(shim_version(text.as_bytes()), None);
            assert!(!is_intact(HookName::PreCommit, text.as_bytes()));
        }
    }

    #[test]
    fn a_shim_is_short_and_says_what_removes_it() {
        for hook in HookName::ALL {
            let text = template(hook);
            assert!(text.lines().count() < 25);
            assert!(text.contains("git bak uninstall") && text.is_ascii());
        }
    }

    #[test]
    fn no_manager_takes_a_shim_for_its_own() {
        for hook in HookName::ALL {
            let text = template(hook).to_ascii_lowercase();
            for marker in [
                "lefthook",
                "generated by",
                "hook-impl",
                "pre_commit",
                "husky",
                "overcommit",
                "lfs",
            ] {
                assert!(!text.contains(marker), "{hook}: {marker}");
            }
        }
    }

    #[test]
    fn the_line_to_add_is_harmless_where_the_program_is_not() {
        assert_eq!(
            line_to_add(HookName::PreCommit, b"/my bin/git-bak"),
            "[ ! -x '/my bin/git-bak' ] || '/my bin/git-bak' hook pre-commit --script $PPID \"$@\" \
             || [ $? != 11 ] || exit 1"
        );
    }
}
