//! Which agent's step a snapshot was made before.

use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentNote {
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub session: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tool: String,
    /// The whole command line, which may hold secrets: it never goes to another place.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub command: String,
    /// Files that were not there, quoted as Git does: those that an edit names, or that Git has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// Files that are at risk and were not copied: what they were is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
    /// The system's clock, as the times of files go by it.
    pub clock: i64,
}
