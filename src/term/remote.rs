//! What is said of the copy in another place.

use super::report::{ago, count};
use super::{Mark, Term, one_line};
use crate::model::now::Now;
use crate::model::settings::remote_url::RemoteUrl;
use crate::vault::remote::push::Pushed;
use crate::vault::remote::state::RemoteState;

impl Term {
    pub fn pushed(&self, url: &RemoteUrl, pushed: &Pushed) {
        let sent = count(pushed.sent, "day");
        match (pushed.is_busy, pushed.sent, pushed.deleted) {
            (true, ..) => self.say(Mark::Failed, "another push is under way"),
            (_, 0, 0) if !pushed.failed.is_empty() => {}
            (_, 0, 0) => self.say(Mark::Done, &format!("{url} has all there is")),
            (_, _, 0) => self.say(Mark::Done, &format!("{sent} pushed to {url}")),
            (.., gone) => {
                let gone = count(gone, "expired day");
                self.say(Mark::Done, &format!("{sent} pushed to {url}, {gone} deleted there"));
            }
        }
        let line = |(day, why): &(String, String)| format!("{} not pushed: {why}", of_day(day));
        let lines: Vec<String> = pushed.failed.iter().map(line).collect();
        self.some(Mark::Failed, &lines, "more days not pushed");
    }

    /// `install --remote`: what leaves the machine from now on, and what doesn't.
    pub fn will_be_pushed(&self, url: &RemoteUrl) {
        let text = format!(
            "from now on, what the vault has goes to {url}, at most every bak.remoteInterval: the files' versions and \
             names, commits and branches, this machine's name and the repository's path"
        );
        self.say(Mark::Done, &text);
        let text =
            "files that Git ignores, what commands print and an agent's command lines stay here";
        self.say(Mark::Note, text);
    }
}

/// How it stands with the copy, and whether that is as it should be.
pub fn standing(url: &RemoteUrl, state: &RemoteState, now: &Now) -> (bool, String) {
    let done = state.done.filter(|_| state.url == url.to_string());
    let when = done.map(|done| ago(now.timestamp() - done));
    let when = when.map_or("never pushed".to_owned(), |when| format!("pushed {when}"));
    match state.failed.first_key_value().filter(|_| state.url == url.to_string()) {
        None => (true, format!("{url}: {when}")),
        Some((day, why)) => {
            let day = if day.is_empty() { String::new() } else { format!("{}: ", of_day(day)) };
            (false, one_line(&format!("{url} does not have all, {when}: {day}{why}")))
        }
    }
}

/// The day of a branch.
fn of_day(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}
