//! What `log` shows.

use std::fmt::Write;

use super::page::{Colour, Page};
use super::report::{ago, moment};
use super::{Mark, Term, one_line};
use crate::model::events::event::{Event, EventKind};
use crate::model::names::backup_name::BackupName;
use crate::model::now::Now;
use crate::model::settings::size::Size;

/// Below this many columns sizes and reasons give way to the path.
const NARROW: usize = 80;

impl Term {
    /// One line for each event: how long ago, what, the artifact id, size, why or for which commit, the file.
    /// Below each, its patch, if there is one.
    pub fn log(&self, events: &[Event], patches: &[Vec<u8>], now: &Now, page: &Page) -> String {
        let is_narrow = page.width.is_some_and(|width| width < NARROW);
        let widest = events.iter().map(|event| size(event).len()).max().unwrap_or(0).max(9);
        let mut text = String::new();
        for (at, event) in events.iter().enumerate() {
            let when = ago(now.timestamp().saturating_sub(event.time));
            let what = page.paint(colour(event.what), &format!("{:<9}", event.what));
            let (before, more) = if is_narrow {
                (31, String::new())
            } else {
                (43 + widest, format!("{:>widest$}  {:<8}  ", size(event), reason(event)))
            };
            let path = page.end_of(&self.path(&event.path), before);
            let label = event.label.as_deref().map(|label| format!("  \"{}\"", one_line(label)));
            // Of the two, the path tells more.
            let rest = page.start_of(&format!("{path}{}", label.unwrap_or_default()), before);
            let artifact = page.paint(Colour::Yellow, &format!("{:<8}", artifact(event)));
            let _ = writeln!(text, "{when:>8}  {what}  {artifact}  {more}{rest}");
            if let Some(patch) = patches.get(at).filter(|patch| !patch.is_empty()) {
                let patch = String::from_utf8_lossy(patch);
                patch.lines().for_each(|line| text += &format!("{}\n", painted(line, page)));
                text.push('\n');
            }
        }
        text
    }

    /// The record has nothing of what was asked for.
    pub fn no_events(&self) {
        self.say(Mark::Note, "nothing is recorded of it");
    }
}

/// A line of a patch.
fn painted(line: &str, page: &Page) -> String {
    let colour = match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] | [b'd' | b'i', ..] => Colour::Bold,
        [b'+', ..] => Colour::Green,
        [b'-', ..] => Colour::Red,
        [b'@', ..] => Colour::Cyan,
        _ => return line.to_owned(),
    };
    page.paint(colour, line)
}

fn colour(what: EventKind) -> Colour {
    match what {
        EventKind::Created | EventKind::Deposited | EventKind::Found => Colour::Green,
        EventKind::Restored => Colour::Cyan,
        EventKind::Expired | EventKind::Forgotten => Colour::Red,
        EventKind::Retired | EventKind::Cleaned => Colour::Yellow,
        EventKind::Duplicate => Colour::Dim,
    }
}

/// The artifact id: the backup's, else that of the bytes.
pub(super) fn artifact(event: &Event) -> String {
    let backup = event.backup.as_deref().and_then(BackupName::parse);
    match backup.and_then(|name| name.artifact) {
        Some(artifact) => artifact.to_string(),
        None => one_line(event.blob.as_deref().and_then(|blob| blob.get(..8)).unwrap_or("-")),
    }
}

fn size(event: &Event) -> String {
    event.size.map_or("-".to_owned(), |size| Size::from_bytes(size).to_string())
}

/// For which commit a backup went, or why it was made.
fn reason(event: &Event) -> String {
    match (&event.commit, event.kind) {
        (Some(commit), _) => one_line(&commit.chars().take(8).collect::<String>()),
        (None, Some(kind)) => kind.to_string(),
        (None, None) => "-".to_owned(),
    }
}

/// When it was, in RFC 3339.
pub(super) fn time(event: &Event) -> Option<String> {
    moment((event.time, event.offset)).map(|time| time.to_rfc3339())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::events::event::Kind;
    use crate::model::names::repo_path::RepoPath;
    use crate::model::settings::Settings;

    fn event(path: &str) -> Event {
        let now = "2025-11-06T20:10:45Z".parse().unwrap();
        let path = RepoPath::from_bytes(path.as_bytes().to_vec()).unwrap();
        let mut event = Event::new(EventKind::Created, &now, path);
        event.backup = Some(b"a.bak.20251106_201045.abc12345".to_vec());
        event.size = Some(1234);
        event.kind = Some(Kind::Worktree);
        event
    }

    fn shown(events: &[Event], width: Option<usize>) -> String {
        let now = "2025-11-06T22:10:50Z".parse().unwrap();
        Term::of_command(&Settings::default()).log(events, &[], &now, &Page::plain(width))
    }

    #[test]
    fn a_line_says_when_what_which_and_where() {
        let line = "  2h ago  created    abc12345    1.2 KiB  worktree  src/a.rs\n";
        assert_eq!(shown(&[event("src/a.rs")], None), line);
        assert_eq!(shown(&[event("src/a.rs")], Some(200)), line);
        let narrow = "  2h ago  created    abc12345  src/a.rs\n";
        assert_eq!(shown(&[event("src/a.rs")], Some(60)), narrow);
    }

    #[test]
    fn a_long_path_is_cut_to_the_terminal_and_nowhere_else() {
        let long = format!("{}file.rs", "folder/".repeat(40));
        for width in [60, 80, 200] {
            let line = shown(&[event(&long)], Some(width));
            assert_eq!(line.trim_end().chars().count(), width, "{line}");
            assert!(line.ends_with("/file.rs\n"));
        }
        assert!(shown(&[event(&long)], None).contains(&long));
    }

    #[test]
    fn what_is_cleaned_up_names_its_commit() {
        let mut cleaned = event("a");
        (cleaned.what, cleaned.commit) = (EventKind::Cleaned, Some("0123456789abcdef".into()));
        let mut expired = event("b");
        (expired.what, expired.backup) = (EventKind::Expired, None);
        let text = shown(&[cleaned, expired], None);
        assert!(text.contains("  01234567  a\n"), "{text}");
        assert!(text.contains("  expired    -  "), "{text}");
        assert!(text.ends_with("  b\n"), "{text}");
    }
}
