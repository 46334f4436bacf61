//! `bak/remote`: how the last try went, and which days are there, as they were sent. Without it nothing is known to be
//! there: then no day is replaced by another, only continued.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::os::private;
use crate::vault::commits::Day;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemoteState {
    /// Where they were sent to, without credentials.
    pub url: String,
    /// When all was there last, in seconds since 1970.
    pub done: Option<i64>,
    pub tried: Option<i64>,
    /// Worktree and day, and the commit that was sent.
    pub(super) sent: BTreeMap<String, String>,
    /// What could not be sent, or an empty word for everything, and why.
    pub failed: BTreeMap<String, String>,
}

impl RemoteState {
    pub fn read(bak: &Path) -> Self {
        let text = std::fs::read(bak.join("remote")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    pub(super) fn write(&self, bak: &Path) -> Result<()> {
        Ok(private::write(&bak.join("remote"), &serde_json::to_vec(self)?)?)
    }

    /// Whether one of these days is there.
    pub fn has_any(&self, days: &BTreeSet<Day>) -> bool {
        days.iter().any(|day| self.sent.contains_key(&key(day)))
    }
}

pub(super) fn key(day: &Day) -> String {
    format!("{}/{}", day.0, day.1)
}
