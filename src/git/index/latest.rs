//! The index as it was read last: a hook looks into it more than once, and it doesn't change meanwhile.

use std::fs::Metadata;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::Result;

use super::Index;
use crate::git::object_format::ObjectFormat;

/// What was read last, for all who share a repository's places.
#[derive(Debug, Clone, Default)]
pub struct Latest(Arc<Mutex<Option<Read>>>);

#[derive(Debug)]
struct Read {
    file: PathBuf,
    state: FileIdentity,
    index: Arc<Index>,
}

impl Latest {
    /// The index in `file`, read again only if the file is another one than before; `None` if only Git can
    /// read it.
    pub fn of(&self, file: PathBuf, format: ObjectFormat) -> Result<Option<Arc<Index>>> {
        let state = std::fs::metadata(&file).ok().and_then(|meta| FileIdentity::of(&meta));
        let mut latest = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(read) = latest.as_ref()
            && read.file == file
            && state.as_ref() == Some(&read.state)
        {
            return Ok(Some(Arc::clone(&read.index)));
        }
        let Some(index) = Index::read(&file, format)?.map(Arc::new) else {
            return Ok(None);
        };
        // Of the time before: had the file been replaced since, it would be read again.
        let read = |state| Read { file, state, index: Arc::clone(&index) };
        *latest = state.map(read);
        Ok(Some(index))
    }
}

/// Identity of an index file. Git never writes into one: each is a new file.
#[derive(Debug, PartialEq, Eq)]
struct FileIdentity {
    modified: std::time::SystemTime,
    length: u64,
    #[cfg(unix)]
    inode: u64,
}

impl FileIdentity {
    fn of(meta: &Metadata) -> Option<Self> {
        Some(Self {
            modified: meta.modified().ok()?,
            length: meta.len(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(meta),
        })
    }
}
