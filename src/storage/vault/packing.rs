//! Packing the vault's loose objects before they are too many.
//!
//! Git looks after its own loose objects when it runs `gc --auto` at the end of a commit: at some 6,700 it
//! packs everything. Hundreds of snapshots a day come to as many within a week, and the vault must not be
//! what sets that off. So the objects of new snapshots are counted, and from [`MANY`] on those that are
//! loose go into a pack of their own, by whoever made the last of them.
//!
//! It is done when the snapshot is in the vault, and without the vault's lock: nobody waits for it but the one
//! who does it, some tenths of a second once in hundreds of snapshots. What goes wrong is no harm, and is tried
//! again some snapshots later. Big blobs stay as they are: packing them would take longer than a commit may.
//!
//! Git counts packs, too: fifty of them set off a `gc`. Ours alone come to fifty with 150,000 objects, after
//! months of hundreds of snapshots a day between which nobody commits so much that Git puts all together.

use std::collections::HashSet;

use anyhow::Result;

use super::Vault;
use super::state::Locked;
use crate::git::objects::Oid;
use crate::git::packing;

/// From as many new objects on they are packed: with all that may wait in `superseded` still far below what
/// sets off a `gc`.
const MANY: u64 = 3000;
/// As many more have to come before a second try.
const NEXT_TRY: u64 = 250;
/// A file of more bytes stays loose.
const BIG: u64 = 512 << 10;
/// As many bytes, compressed, are packed at once.
const MOST: u64 = 32 << 20;

/// Whether so many have gathered that the caller is to pack them.
pub(super) fn is_due(lock: &mut Locked) -> bool {
    let due = *lock.loose() >= MANY;
    if due {
        *lock.loose() = MANY - NEXT_TRY;
    }
    due
}

impl Vault {
    /// Packs what is loose.
    pub(super) fn pack(&self) -> Result<()> {
        let mut gathered = Gathered::default();
        if let Some(root) = self.root()? {
            self.gather(root, &mut gathered);
        }
        packing::pack(&self.repository, &self.objects, &gathered.small)?;
        let mut lock = Locked::take(&self.bak_dir())?;
        *lock.loose() = lock.loose().saturating_sub(MANY - NEXT_TRY);
        lock.save();
        Ok(())
    }

    /// What is loose below a tree. A tree that is packed was packed with all that is below it.
    fn gather(&self, tree: Oid, gathered: &mut Gathered) {
        for entry in self.objects.tree(tree).unwrap_or_default() {
            let Some(size) = self.objects.loose_size(entry.id) else { continue };
            if !gathered.seen.insert(entry.id) || size > BIG || gathered.bytes + size > MOST {
                continue;
            }
            if entry.is_tree() {
                self.gather(entry.id, gathered);
            }
            gathered.bytes += size;
            // The name ends a line.
            let name = entry.name.split(|byte| *byte == b'\n').next().unwrap_or_default();
            gathered.small.push((entry.id, name.to_vec()));
        }
    }
}

/// Loose objects that are to be packed.
#[derive(Debug, Default)]
struct Gathered {
    seen: HashSet<Oid>,
    small: Vec<(Oid, Vec<u8>)>,
    bytes: u64,
}
