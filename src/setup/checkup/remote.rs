//! The copy in another place: how the last try went, without contacting it.

use super::{Good, Outcome, Problem};
use crate::backups::Store;
use crate::model::check::Check;
use crate::vault::remote::state::RemoteState;

pub fn look(store: &Store) -> Option<Outcome> {
    let url = store.settings.remote.clone().filter(|_| store.settings.vault)?;
    let state = RemoteState::read(store.record.bak());
    let is_bad = !state.failed.is_empty() && state.url == url.to_string();
    let standing = Box::new((url, state, store.now));
    Some(match is_bad {
        true => Outcome::bad(Check::Remote, Problem::Remote(standing)),
        false => Outcome::good(Check::Remote, Good::Remote(standing)),
    })
}
