//! The form of a household: address, housing, bank account and the like (rule 24).

use super::{File, FileId, PROFILE, Step, codes, complete, named, store};
use crate::audit::Event;
use crate::db::{Rx, Tx};
use crate::duplicates::{self, KeyKind};
use crate::error::Result;
use crate::input::form::Content;

/// What the form of a file says, in clear.
pub fn profile(rx: &mut Rx, file: FileId) -> Result<Content> {
    store::profile(rx, file)
}

/// Changes the form of a file.
pub fn change_profile(tx: &mut Tx, before: &File, change: Content) -> Result<(File, Content)> {
    before.status.after(Step::Change)?;
    let old = profile(tx, before.id)?;
    let new = old.clone().with(change);
    check_profile_codes(tx, &new)?;
    let changed = new.differing(PROFILE, &old);
    let mut file = before.clone();
    if !changed.is_empty() {
        store::put_profile(tx, file.id, &new)?;
        if let Some(account) = new.value("account_number").as_str() {
            duplicates::know_more(tx, file.member_id.cast(), KeyKind::Account, account)?;
        }
        let event = changed
            .iter()
            .fold(about(&file), |event, name| event.field(name, &new.value(name)));
        crate::files::keep(tx, &mut file, event)?;
    }
    Ok((file, new))
}

fn check_profile_codes(tx: &mut Tx, profile: &Content) -> Result<()> {
    let used: Vec<_> = named(PROFILE, "", profile).collect();
    complete(codes::faults(tx, &used)?)
}

fn about(file: &File) -> Event {
    Event::of("file.changed", "file", file.id)
        .organization(file.organization_id)
        .people([&file.person])
}
