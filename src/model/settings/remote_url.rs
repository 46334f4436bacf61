//! `bak.remote`: where a copy of the vault goes. It is printed without the credentials in it.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, ensure};

#[derive(Clone, PartialEq, Eq)]
pub struct RemoteUrl(String);

impl RemoteUrl {
    /// As Git is given it, with the credentials that may be in it.
    pub fn with_credentials(&self) -> &str {
        &self.0
    }

    /// The folder that it names on this machine, as it stands there.
    pub fn folder(&self) -> Option<&str> {
        let path = self.0.strip_prefix("file://").unwrap_or(&self.0);
        is_path(path).then_some(path)
    }
}

impl FromStr for RemoteUrl {
    type Err = Error;

    /// A URL, `host:path` or a folder's path: what Git takes for no remote's name and no option.
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_plain = text.trim() == text && !text.contains(char::is_control);
        let is_one = is_url(text) || is_path(text) || is_of_ssh(text);
        ensure!(is_plain && is_one, "neither a URL nor a folder's path");
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_credentials(&self.0))
    }
}

impl fmt::Debug for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteUrl({self})")
    }
}

fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let has_place = if scheme == "file" { is_path(rest) } else { !rest.starts_with('/') };
    let is_of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    is_scheme && scheme.bytes().all(is_of_scheme) && !rest.is_empty() && has_place
}

fn is_path(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_drive = bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start))
        || has_drive && matches!(bytes[2], b'/' | b'\\')
}

/// `host:path`
fn is_of_ssh(text: &str) -> bool {
    let Some((host, path)) = text.split_once(':') else { return false };
    let is_host = !host.is_empty() && !host.starts_with('-') && !host.contains(['/', ' ']);
    is_host && !path.is_empty() && !path.starts_with("//")
}

/// A text without what stands in its URLs before a host's name, and behind a `?`: `ssh://git@` tells nothing.
pub fn without_credentials(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        let end = after.find(|c: char| c.is_whitespace() || "'\"".contains(c));
        let (url, after) = after.split_at(end.unwrap_or(after.len()));
        let host = url.find('/').unwrap_or(url.len());
        let user = url[..host].rfind('@').map_or("", |at| &url[..=at]);
        let is_told = before.ends_with("ssh://") && !user.contains(':');
        let url = url.split('?').next().unwrap_or_default();
        shown.push_str(before);
        shown.push_str(if is_told { url } else { url.get(user.len()..).unwrap_or_default() });
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_takes_for_a_place_is_one_and_nothing_else() {
        for text in [
            "https://example.org/x.git",
            "ssh://git@example.org:22/x",
            "git@example.org:x.git",
            "host:x",
            "/srv/x.git",
            "../x.git",
            "~/x.git",
            "file:///srv/x y.git",
            "C:\\x.git",
        ] {
            assert_eq!(text.parse::<RemoteUrl>().unwrap().with_credentials(), text);
        }
        for text in [
            "",
            "origin",
            "hello world",
            " /srv/x",
            "/srv/x\n",
            "--upload-pack=x",
            "-oProxyCommand=x:y",
            "https://",
            "https:///x",
            "://x",
            "file://x",
            ":x",
            "host:",
        ] {
            assert!(text.parse::<RemoteUrl>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn only_a_folder_of_this_machine_is_one() {
        let folder = |text: &str| {
            let url = text.parse::<RemoteUrl>().unwrap();
            url.folder().map(str::to_owned)
        };
        assert_eq!(folder("file:///srv/x").as_deref(), Some("/srv/x"));
        assert_eq!(folder("../x").as_deref(), Some("../x"));
        assert_eq!(folder("host:/srv/x"), None);
    }

    #[test]
    fn credentials_are_never_shown() {
        for (text, shown) in [
            ("https://me:hush@example.org/x.git", "https://example.org/x.git"),
            ("https://hush@example.org/x", "https://example.org/x"),
            ("https://example.org/x?token=hush", "https://example.org/x"),
            ("ssh://git@example.org/x", "ssh://git@example.org/x"),
            ("ssh://me:hush@example.org/x", "ssh://example.org/x"),
            (
                "can't reach 'https://a:hush@b@c/d': no, see http://e/f",
                "can't reach 'https://c/d': no, see http://e/f",
            ),
            ("git@example.org:x.git", "git@example.org:x.git"),
            ("https://x/a@b", "https://x/a@b"),
        ] {
            assert_eq!(without_credentials(text), shown);
        }
        let url = "https://me:hush@example.org/x".parse::<RemoteUrl>().unwrap();
        assert!(!format!("{url} {url:?}").contains("hush"));
    }
}
