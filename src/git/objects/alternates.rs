//! `GIT_ALTERNATE_OBJECT_DIRECTORIES`: further folders of objects, as Git reads them from the environment (git(1)).
//!
//! A program's scratch database (`GIT_OBJECT_DIRECTORY`) has the repository's own behind it in this way. libgit2 reads
//! the variable only when it opens a whole repository.

use std::path::{Path, PathBuf};

use crate::model::names::quote::unquote;
use crate::os::platform::{bytes_of, path_from_bytes};

/// Where they are; relative ones are seen from `top`.
pub(super) fn of_environment(top: &Path) -> Vec<PathBuf> {
    let Some(text) = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES") else {
        return Vec::new();
    };
    let separator = if cfg!(windows) { b';' } else { b':' };
    let places = split(&bytes_of(&text), separator);
    places.iter().map(|place| top.join(path_from_bytes(place))).collect()
}

/// The folders that the objects in `dir` borrow from (gitrepository-layout(5), `info/alternates`), and so on: `depth`
/// times.
pub(super) fn of_folder(dir: &Path, depth: usize) -> Vec<PathBuf> {
    let text = std::fs::read(dir.join("info/alternates")).unwrap_or_default();
    let lines = split(&text, b'\n').into_iter().filter(|line| !line.starts_with(b"#"));
    let places = lines.map(|line| dir.join(path_from_bytes(&line)));
    places
        .flat_map(|place| {
            let more = depth.checked_sub(1).map(|depth| of_folder(&place, depth));
            [vec![place], more.unwrap_or_default()].concat()
        })
        .collect()
}

/// The names in a list; one in quotes, as Git quotes names, may have the separator in it.
fn split(text: &[u8], separator: u8) -> Vec<Vec<u8>> {
    let (mut names, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let quoted = end_of_quoted(rest).and_then(|end| {
            let name = unquote(std::str::from_utf8(&rest[..end]).ok()?)?;
            Some((name, end))
        });
        let (name, end) = quoted.unwrap_or_else(|| {
            let end = rest.iter().position(|&byte| byte == separator).unwrap_or(rest.len());
            (rest[..end].to_vec(), end)
        });
        names.push(name);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Behind the quote that ends what `text` begins with.
fn end_of_quoted(text: &[u8]) -> Option<usize> {
    if text.first() != Some(&b'"') {
        return None;
    }
    let mut escaped = false;
    for (at, &byte) in text.iter().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return Some(at + 1),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn names_in_quotes_may_have_anything_in_them() {
        let names = |text: &str| -> Vec<String> {
            let names = split(text.as_bytes(), b':').into_iter();
            names.map(|name| String::from_utf8(name).unwrap()).collect()
        };
        assert_eq!(names("/a:/b c"), ["/a", "/b c"]);
        assert_eq!(names("::/a:"), ["/a"]);
        assert_eq!(names(r#""/a:b\"\\":/c"#), [r#"/a:b"\"#, "/c"]);
        assert_eq!(names(r#""/a"#), [r#""/a"#]);
        assert!(names("").is_empty());
    }
}
