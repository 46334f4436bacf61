//! Whether to fold the record, asked by a hook that has just written a line. The fold itself runs detached:
//! no command waits for it.

use crate::backups::Store;
use crate::vault::due;

/// Starts the fold if it is due, and if the user lets anything go on when a command has ended.
pub fn start_if_due(store: &Store) {
    let may_run =
        store.settings.vault && store.settings.auto_detach && std::env::var_os("CI").is_none();
    let interval = store.settings.remote.as_ref().map(|_| store.settings.remote_interval.seconds());
    if may_run && due::is_due(&store.record, store.records.own(), interval, &store.now) {
        // Without it the next one is due.
        let _ = due::start_detached(&store.repository);
    }
}
