//! Which time a word names: that of a label, exactly, else one of the forms that are understood.

use anyhow::Result;

use crate::commands::Session;
use crate::exit_status::UsageError;
use crate::model::names::timestamp::Timestamp;
use crate::model::settings::age::Age;
use crate::model::when;
use crate::model::when::DayIs;
use crate::os::zone;

/// What `--at` names: the moment of a label, or a time.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// In seconds since 1970.
    pub instant: i64,
    /// The same as a clock on the wall here said it.
    pub local: Timestamp,
}

/// The moment that `--at` names: a label, exactly; else a time.
pub fn moment(session: &Session, word: &str) -> Result<Moment> {
    read(session, word, DayIs::Over).map_err(|why| UsageError(why).into())
}

/// The instant that `--since` names.
pub fn since(session: &Session, word: &str) -> Result<i64> {
    let moment = read(session, word, DayIs::Begun);
    let moment = moment.map_err(|why| UsageError(format!("--since: {why}")))?;
    session.term.counted_from("since", moment.local);
    Ok(moment.instant)
}

/// How old what `--older-than` names is.
pub fn age(session: &Session, word: &str) -> Result<Age> {
    let moment = read(session, word, DayIs::Begun);
    let moment = moment.map_err(|why| UsageError(format!("--older-than: {why}")))?;
    session.term.counted_from("older than", moment.local);
    Ok(Age::of_seconds(session.store.now.timestamp() - moment.instant))
}

/// A label, exactly; else a time; else why it is neither.
pub(super) fn read(
    session: &Session,
    word: &str,
    day_is: DayIs,
) -> std::result::Result<Moment, String> {
    let labels = session.store.records.own();
    if let Some(line) = labels.labelled(word) {
        return Ok(Moment { instant: line.time, local: line.timestamp() });
    }
    let now = &session.store.now;
    let time = when::parse(word, now, &|local| zone::offset_at(local, now), day_is)
        .map_err(|why| format!("'{word}' is not a label{}, and {why}", there_are(session)))?;
    let local = Timestamp::from_local(zone::local(&time, now));
    Ok(Moment { instant: time.timestamp(), local })
}

/// Whether a label can be told from a time.
pub fn can_be_label(session: &Session, label: &str) -> Result<()> {
    let now = &session.store.now;
    let time = when::parse(label, now, &|local| zone::offset_at(local, now), DayIs::Over);
    if label.trim().is_empty() || !matches!(time, Err(when::NoTime::Unreadable)) {
        let text = format!("'{label}' can't be a label: it is empty, or a time");
        return Err(UsageError(text).into());
    }
    Ok(())
}

/// The labels that may have been meant: ` (there are good, before-x)`
pub(super) fn there_are(session: &Session) -> String {
    let labels = session.store.records.own().labels();
    let shown = labels.iter().take(5).map(|label| session.term.name(label.as_bytes()));
    let shown = shown.collect::<Vec<_>>().join(", ");
    let more = if labels.len() > 5 { ", …" } else { "" };
    if labels.is_empty() { String::new() } else { format!(" (there are {shown}{more})") }
}
