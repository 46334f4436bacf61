//! Which versions are old enough to go.
//!
//! A clock that leapt destroys nothing: what is overdue is only noted at first (`overdue`), and goes when a second
//! look, a day on, finds it so. Both notes (`overdue`, `gone`) are of a span of one day, from the oldest of the
//! versions that were seen to the newest, not of all the past: what is copied later, while the clock is
//! behind, isn't meant.

use std::collections::BTreeMap;

use anyhow::Result;

use super::days::Days;
use super::gone::GoneLines;
use crate::model::events::line::{Line, What};
use crate::model::now::Now;
use crate::record::{Raw, Record};

const A_DAY: i64 = 86_400;

/// From the one instant on, before the other.
type Span = (i64, i64);

/// Writes what there is to note; how many versions go.
pub(super) fn note(
    record: &Record,
    days: &Days,
    gone: &GoneLines,
    (expire, at_once): (i64, bool),
    now: &Now,
) -> Result<usize> {
    let time = now.timestamp();
    let limit = time.saturating_sub(expire);
    let overdue: Vec<&Raw> = days.all().filter(|raw| is_overdue(raw, gone, limit)).collect();
    let looks: Vec<(i64, Span)> = looks(days).filter(|(noted, _)| *noted <= time).collect();
    let is_within = |raw: &&Raw, span: &Span| (span.0..span.1).contains(&raw.line.time);
    let was_seen = |raw: &&Raw| looks.iter().any(|(_, span)| is_within(raw, span));
    let goes = |raw: &&Raw| {
        let second = looks.iter().filter(|(noted, _)| time - noted >= A_DAY);
        at_once || second.into_iter().any(|(_, span)| is_within(raw, span))
    };
    let going: Vec<&Raw> = overdue.iter().copied().filter(goes).collect();
    let mut lines = of_spans(&going, What::Gone, now);
    if !at_once {
        let unseen: Vec<&Raw> = overdue.iter().copied().filter(|raw| !was_seen(raw)).collect();
        lines.extend(of_spans(&unseen, What::Overdue, now));
    }
    record.append_as_they_are(&mut lines, now)?;
    let is_live = |raw: &&Raw| raw.line.versions().filter(|seen| !gone.has(raw, seen)).count();
    Ok(going.iter().map(is_live).sum())
}

fn is_overdue(raw: &Raw, gone: &GoneLines, limit: i64) -> bool {
    raw.line.time < limit && raw.line.versions().any(|seen| !gone.has(raw, seen))
}

/// When overdue versions were noted, and which.
fn looks(days: &Days) -> impl Iterator<Item = (i64, Span)> {
    let notes = days.all().filter(|raw| raw.line.what == What::Overdue);
    notes.filter_map(|raw| {
        let span = (raw.line.after.unwrap_or(i64::MIN), raw.line.before?);
        Some((raw.line.time, span))
    })
}

/// A line for each worktree and day that has some of them.
fn of_spans(raws: &[&Raw], what: What, now: &Now) -> Vec<Line> {
    let mut spans: BTreeMap<(&str, i64), Span> = BTreeMap::new();
    for raw in raws {
        let time = raw.line.time;
        let day = (raw.line.worktree.as_str(), time.div_euclid(A_DAY));
        let span = spans.entry(day).or_insert((time, time));
        *span = (span.0.min(time), span.1.max(time.saturating_add(1)));
    }
    let line = |((worktree, _), (after, before)): ((&str, i64), Span)| {
        let mut line = Line::new(what, now);
        worktree.clone_into(&mut line.worktree);
        (line.after, line.before) = (Some(after), Some(before));
        line.why = (what == What::Gone).then(|| "expired".to_owned());
        line
    };
    spans.into_iter().map(line).collect()
}
