//! What Git's filters make of a file, without its working tree or its objects being touched (gitattributes(5)).
//!
//! A driver is run as if it were `required`: else Git would take the bytes as they are where one fails.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::Path;

use anyhow::{Result, anyhow, bail};

use crate::git::command::{Finished, Git};
use crate::model::names::quote::quote;
use crate::model::names::repo_path::RepoPath;
use crate::os::platform::{bytes_of, path_from_bytes};

/// Where Git looks for further objects (git(1)).
const ALTERNATES: &str = "GIT_ALTERNATE_OBJECT_DIRECTORIES";

/// What the attributes say of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `filter`: the driver's name.
    pub filter: Option<Vec<u8>>,
    pub bak: BakAttribute,
}

/// What the attribute `bak` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BakAttribute {
    /// Nothing that we know.
    #[default]
    Unspecified,
    /// `-bak`
    Unset,
    Beside,
    GitDir,
    /// The filter encrypts.
    Clean,
}

/// Bytes, or an open file from where it stands.
pub enum FilterInput {
    Bytes(Vec<u8>),
    File(File),
}

/// What the attributes say of each of these files, from one child.
pub fn attributes(git: &Git, paths: &[&RepoPath]) -> Result<HashMap<RepoPath, Attributes>> {
    let input = paths.iter().flat_map(|path| [path.as_bytes(), b"\0"].concat()).collect();
    let text = git.feed(["check-attr", "-z", "--stdin", "filter", "bak"], input)?.success()?;
    let mut all: HashMap<RepoPath, Attributes> = HashMap::new();
    let mut fields = text.split(|&byte| byte == 0);
    while let (Some(path), Some(name), Some(value)) = (fields.next(), fields.next(), fields.next())
    {
        let of_path = all.entry(RepoPath::from_bytes(path.to_vec())?).or_default();
        match name {
            b"bak" => {
                of_path.bak = match value {
                    b"unset" => BakAttribute::Unset,
                    b"beside" => BakAttribute::Beside,
                    b"gitdir" => BakAttribute::GitDir,
                    b"clean" => BakAttribute::Clean,
                    _ => BakAttribute::Unspecified,
                }
            }
            _ if matches!(value, b"unspecified" | b"unset" | b"set") => {}
            _ => of_path.filter = Some(value.to_vec()),
        }
    }
    Ok(all)
}

/// The tracked files that an attribute converts, line ends aside, each with what it says: the filter driver's name.
pub fn converting(git: &Git) -> Result<HashMap<RepoPath, Vec<u8>>> {
    // This takes a tenth of the time of asking for each file's attributes.
    let silent = ":(top,exclude,attr:!filter !ident !working-tree-encoding)";
    let input = git.output(["ls-files", "-z", "--", ":(top)", silent])?;
    let mut found = HashMap::new();
    if input.is_empty() {
        return Ok(found);
    }
    let args = ["check-attr", "-z", "--stdin", "filter", "ident", "working-tree-encoding"];
    let text = git.feed(args, input)?.success()?;
    let mut fields = text.split(|&byte| byte == 0);
    while let (Some(path), Some(_), Some(value)) = (fields.next(), fields.next(), fields.next()) {
        if !matches!(value, b"unspecified" | b"unset") {
            found.insert(RepoPath::from_bytes(path.to_vec())?, value.to_vec());
        }
    }
    Ok(found)
}

/// Has Git store the clean form of `path` with these bytes in `to`, a folder for objects, unless it is among those in
/// `from`; its id in hex.
pub fn clean(
    git: &Git,
    driver: &[u8],
    path: &RepoPath,
    input: FilterInput,
    (to, from): (&Path, &[&Path]),
) -> Result<String> {
    let git =
        git.clone().with_env("GIT_OBJECT_DIRECTORY", to).with_env(ALTERNATES, alternates(from)?);
    let args = words(driver, &["hash-object", "-w", "--stdin"], path);
    let finished = match input {
        FilterInput::Bytes(bytes) => git.feed(args, bytes)?,
        FilterInput::File(file) => git.read_from(args, file)?,
    };
    Ok(String::from_utf8_lossy(&answer(finished, driver)?).trim().to_owned())
}

/// What Git would write out for `path` of the blob `id`, which may be in one of the folders `from`.
pub fn smudge(
    git: &Git,
    driver: &[u8],
    path: &RepoPath,
    id: &str,
    from: &[&Path],
) -> Result<Vec<u8>> {
    let git = git.clone().with_env(ALTERNATES, alternates(from)?);
    let args = words(driver, &["cat-file", "--filters"], path);
    answer(git.start(args.into_iter().chain([id.into()]))?.finish()?, driver)
}

/// The ids, in hex, of what Git would store of these files, which must be there.
pub fn clean_ids(git: &Git, paths: &[&RepoPath]) -> Result<Vec<String>> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let input = paths
        .iter()
        .flat_map(|path| quote(path.as_bytes(), true).into_bytes().into_iter().chain([b'\n']));
    let text = git
        .feed(["-c", "core.safecrlf=false", "hash-object", "--stdin-paths"], input.collect())?
        .success()?;
    Ok(String::from_utf8_lossy(&text).lines().map(str::to_owned).collect())
}

/// What Git would write out for `path` of its own blob `id`.
pub fn written_out(git: &Git, path: &RepoPath, id: &str) -> Result<Vec<u8>> {
    let option = path_from_bytes(&[b"--path=", path.as_bytes()].concat()).into_os_string();
    git.output(["cat-file".into(), "--filters".into(), option, id.into()])
}

fn words(driver: &[u8], verb: &[&str], path: &RepoPath) -> Vec<OsString> {
    let name = |bytes: &[u8]| path_from_bytes(bytes).into_os_string();
    let required = name(&[b"filter.", driver, b".required=true"].concat());
    let mut words: Vec<OsString> = vec!["-c".into(), required];
    words.extend(["-c", "core.safecrlf=false"].iter().chain(verb).map(Into::into));
    words.push(name(&[b"--path=", path.as_bytes()].concat()));
    words
}

fn answer(finished: Finished, driver: &[u8]) -> Result<Vec<u8>> {
    if finished.status == Some(0) {
        return Ok(finished.stdout);
    }
    let driver = String::from_utf8_lossy(driver).into_owned();
    Err(anyhow!("its filter '{driver}' failed: {}", finished.reason()))
}

/// The folders as Git reads them from the environment, before those that stand there already.
fn alternates(folders: &[&Path]) -> Result<OsString> {
    let separator = if cfg!(windows) { b';' } else { b':' };
    let mut text = Vec::new();
    for folder in folders {
        let name = bytes_of(folder.as_os_str());
        if name.contains(&b'\n') {
            bail!("Git reads no objects from {}", folder.display());
        }
        match name.contains(&separator) || name.starts_with(b"\"") {
            true => {
                text.push(b'"');
                let escaped = |&byte: &u8| match byte {
                    b'"' | b'\\' => vec![b'\\', byte],
                    _ => vec![byte],
                };
                text.extend(name.iter().flat_map(escaped));
                text.push(b'"');
            }
            false => text.extend(&name),
        }
        text.push(separator);
    }
    text.extend(std::env::var_os(ALTERNATES).map(|old| bytes_of(&old)).unwrap_or_default());
    Ok(path_from_bytes(&text).into_os_string())
}
