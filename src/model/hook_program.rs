//! A hook that is a copy of the program: how it is made, and how one is known again.
//!
//! A shim costs two programs, the shell and then ours; a copy costs one. It is the program's
//! bytes and after them one line, which the system that runs it never looks at. As with a shim, only what
//! nobody has changed is replaced or removed: the line says how many bytes stand before it.

/// What the bytes of every program for Linux begin with (elf(5)).
const ELF: &[u8] = b"\x7fELF";
const MARKER: &str = "\n# git-bak program ";
const REST: &str = ": 'git bak uninstall' removes it and puts back the hook that was here; bytes: ";
/// No line is longer than this.
const LONGEST: usize = 256;

/// The hook that `program` makes; `None` if this system may run no program with a line after it.
pub fn render(program: &[u8], version: &str) -> Option<Vec<u8>> {
    let bare = parse(program).map_or(program, |(bare, _)| bare);
    let line = format!("{MARKER}{version}{REST}{}\n", bare.len());
    bare.starts_with(ELF).then(|| [bare, line.as_bytes()].concat())
}

/// Whether these are the bytes of a program, and of no script.
pub fn is_program(hook: &[u8]) -> bool {
    hook.starts_with(ELF)
}

/// The version of git-bak that this hook is, if it is one and nobody has changed it.
pub fn version(hook: &[u8]) -> Option<&str> {
    parse(hook).map(|(_, version)| version)
}

/// The program, and the version that the line after it names.
fn parse(hook: &[u8]) -> Option<(&[u8], &str)> {
    let end = &hook[hook.len().saturating_sub(LONGEST)..];
    let marker = MARKER.as_bytes();
    let at = end.windows(marker.len()).rposition(|window| window == marker)?;
    let line = std::str::from_utf8(&end[at + marker.len()..]).ok()?;
    let (version, length) = line.strip_suffix('\n')?.split_once(REST)?;
    let bare = &hook[..hook.len() - (end.len() - at)];
    (is_program(bare) && length.parse() == Ok(bare.len())).then_some((bare, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &[u8] = b"\x7fELF and so on\n# git-bak program 0.0.9: no line of ours";

    fn hook() -> Vec<u8> {
        render(BARE, "1.2.3").unwrap_or_default()
    }

    #[test]
    fn a_copy_is_known_again_with_its_version() {
        assert!(hook().starts_with(BARE) && is_program(&hook()));
        assert_eq!(version(&hook()), Some("1.2.3"));
    }

    #[test]
    fn a_copy_of_a_copy_has_one_line() {
        assert_eq!(render(&hook(), "1.2.4"), render(BARE, "1.2.4"));
    }

    #[test]
    fn the_program_itself_a_script_and_an_edited_copy_are_none() {
        let more = [&hook()[..], b"echo hello\n"].concat();
        let longer = [b"\x7fELF", &hook()[..]].concat();
        let script = [b"#!/bin/sh\n", &hook()[..]].concat();
        for other in [BARE, b"", b"#!/bin/sh\n", &more, &longer, &script] {
            assert_eq!(version(other), None, "{}", other.escape_ascii());
        }
    }

    #[test]
    fn no_other_programs_are_made_into_hooks() {
        assert_eq!(render(b"#!/bin/sh\n", "1.2.3"), None);
        assert_eq!(render(b"\xcf\xfa\xed\xfe", "1.2.3"), None);
    }
}
