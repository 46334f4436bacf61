//! The one place that reads the clock.

use anyhow::{Context, Result};
use chrono::{DateTime, Local};

use crate::model::now::Now;

/// Set to a time in RFC 3339, it stands in for the clock: for tests and for trying things out.
const FIXED: &str = "GIT_BAK_NOW";

pub fn read() -> Result<Now> {
    match std::env::var(FIXED) {
        Ok(time) => DateTime::parse_from_rfc3339(&time).with_context(|| {
            format!("{FIXED}: '{time}' is no time, say 2025-11-06T20:10:45+01:00")
        }),
        Err(_) => Ok(system()),
    }
}

pub fn system() -> Now {
    Local::now().fixed_offset()
}
