//! What a shell shows of the words that fit.

use std::fmt::Write;

use super::one_line;
use super::report::age;
use crate::backups::versions::Version;
use crate::model::names::timestamp::Timestamp;
use crate::model::now::Now;

/// A line for each word: the word, and behind a tab what it is. A word that would not be one line is left out.
pub fn lines(found: impl Iterator<Item = (String, String)>) -> String {
    let mut text = String::new();
    for (word, help) in found.filter(|(word, _)| !word.contains(char::is_control)) {
        let help = one_line(&help);
        let tab = if help.is_empty() { "" } else { "\t" };
        let _ = writeln!(text, "{word}{tab}{help}");
    }
    text
}

/// A version, in a few words.
pub fn version(version: &Version, now: &Now) -> String {
    let kind = version.kind().map(|kind| format!(", {kind}")).unwrap_or_default();
    let label = version.known.label.as_deref().map(|label| format!(", \"{label}\""));
    format!("{}{kind}{}", moment(version.time, now), label.unwrap_or_default())
}

/// A time, and how long ago it is.
pub fn moment(time: Timestamp, now: &Now) -> String {
    format!("{}, {}", time.naive().format("%Y-%m-%d %H:%M:%S"), age(time, now))
}
