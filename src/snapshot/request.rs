//! What a snapshot is asked for, by a hook or a command.

use std::time::{Instant, SystemTime};

use super::plan::Wanted;
use crate::backups::files::BackupFile;
use crate::git::objects::Oid;
use crate::model::access::Access;
use crate::model::events::agent_note::AgentNote;
use crate::model::events::attempt::Stamp;
use crate::model::events::event::Kind;
use crate::model::names::artifact::ArtifactId;
use crate::model::names::repo_path::RepoPath;

/// What a snapshot is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub wanted: Vec<Wanted>,
    /// The id of an upgrade, for the end of the names instead of the blob's.
    pub artifact: Option<ArtifactId>,
    pub label: Option<String>,
    /// Entries of the newest snapshot that stand as they were: they are part of this one, too, and need
    /// no new copy.
    pub carried: Vec<Carried>,
    /// When Git began to compare the files with the index, if it did.
    pub surveyed: Option<SystemTime>,
    /// It goes to the vault alone; without one, under the Git directory: no files beside the originals, whose folders may
    /// be about to go.
    pub vault_alone: bool,
    /// Files of any size: what they were is about to be put back in their place.
    pub any_size: bool,
    /// What the attributes leave out is left out: nothing is about to be overwritten by ourselves.
    pub may_leave_out: bool,
    /// No program makes other bytes of a file when it is staged: as long as Git's object, and unchanged, is the same.
    pub is_plain: bool,
    pub cause: String,
    /// A tracked file that isn't in it is clean.
    pub full: bool,
    /// The command that it is made before may take what it copies.
    pub may_be_moment: bool,
    /// The agent's step before which it is made: that is noted, even where nothing is at risk.
    pub agent: Option<AgentNote>,
    /// When the waiting command has waited long enough: what isn't read by then is left, and named.
    pub until: Option<Instant>,
    /// The try at a commit that it opens; whether that needs no end.
    pub attempt: Option<Opened>,
    /// No files are made where the record can't have it: another snapshot follows, and would make them once more.
    pub only_if_noted: bool,
}

/// A try at a commit that begins with a snapshot.
#[derive(Debug, Clone)]
pub struct Opened {
    pub id: String,
    pub done: bool,
}

/// A version that the vault has.
#[derive(Debug, Clone)]
pub struct Carried {
    pub path: RepoPath,
    pub kind: Kind,
    /// The blob id of what the vault has of it.
    pub id: Oid,
    pub clean: bool,
    /// Git's own id of it, in hex.
    pub git: Option<String>,
    pub is_ignored: bool,
    pub size: u64,
    /// The state and the permission bits of the file, if it is the working tree's.
    pub stamp: Option<Stamp>,
    pub access: Option<Access>,
    /// Its backup beside the original, if it is still there.
    pub backup: Option<BackupFile>,
    /// Why it goes to the vault alone, if it does.
    pub vault_only: Option<String>,
}

impl Carried {
    pub(super) fn access(&self) -> Option<Access> {
        self.backup.as_ref().map(|backup| backup.stat.access()).or(self.access)
    }
}
