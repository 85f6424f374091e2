//! Sealed files (封存, rule 46): when its file has ended and its follow-up calls are over, a household's papers, people and
//! means are kept and not used. Auditors read them; anybody else says why, for one day, and the log keeps it. Opening the
//! file anew, inspections and the list for disposal need no opening.

use serde::Serialize;
use utoipa::ToSchema;

use super::{File, FileId, aftercare, store as files};
use crate::audit::Event;
use crate::auth::{Actor, Role};
use crate::db::types::Date;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::input::Reason;
use crate::policies::{self, rules::Procedure};
use crate::{input, members, say, separation};

pub mod http;
mod rules;
mod store;

input! {
    /// Why a sealed file is opened.
    pub struct Unsealing {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

/// Until when a sealed file is open to whoever opened it.
#[derive(Serialize, ToSchema)]
pub struct Opening {
    /// The file.
    file_id: FileId,
    /// The day at whose end it is closed again.
    until: Date,
}

/// A file in scope whose people, means and papers the reader may see.
///
/// # Errors
/// 404 outside the scope; 409 `sealed` when the file is sealed and the reader has not opened it today.
pub fn open_to(rx: &mut Rx, reader: &Actor, id: FileId) -> Result<File> {
    let file = files::find(rx, id)?;
    let Some(since) = sealed_since(rx, &file)? else {
        return Ok(file);
    };
    let audits = [Role::Auditor, Role::GuestAuditor].map(Role::as_str);
    if audits.contains(&reader.role) || store::is_open(rx, id, reader.user()?, rx.today())? {
        return Ok(file);
    }
    let detail = say!(
        "档案自 {since} 起封存，查看须先说明理由",
        "the file is sealed since {since}: open it with a reason first"
    );
    Err(Error::refused("sealed", detail).with("sealed_since", since))
}

/// The event that reading what is kept of a household is: as of a day gone by, or by an auditor of a sealed file, who need
/// not say why first. The present, masked, is read all day long and is none.
pub fn seen(rx: &mut Rx, reader: &Actor, file: &File, as_of: Option<Date>) -> Result<Option<Event>> {
    if as_of.is_some() {
        let event = super::look(rx, "file.past_read", file)?;
        return Ok(Some(event.field("as_of", &as_of)));
    }
    if reader.role != Role::Auditor.as_str() || sealed_since(rx, file)?.is_none() {
        return Ok(None);
    }
    super::look(rx, "file.sealed_read", file).map(Some)
}

/// Since when a file is sealed; none while it is not.
fn sealed_since(rx: &mut Rx, file: &File) -> Result<Option<Date>> {
    let Some(closed_on) = file.closed_on else {
        return Ok(None);
    };
    let today = rx.today();
    let (_, procedure): (_, Procedure) = policies::in_force(rx, today)?;
    let months = aftercare::months(procedure.follow_up_months);
    let since = rules::sealed_from(file.status, closed_on, &months);
    Ok(Some(since).filter(|since| *since <= today))
}

/// Opens a sealed file to the acting person until the end of the day.
fn unseal(tx: &mut Tx, file: &File, why: Unsealing) -> Result<Opening> {
    if sealed_since(tx, file)?.is_none() {
        let detail = say!("档案未封存", "the file is not sealed");
        return Err(Error::refused("not_sealed", detail));
    }
    separation::not_own(tx, &file.person)?;
    let name = members::find_any(tx, file.member_id)?.name;
    members::without_name(&why.reason, &name, "/reason")?;
    let until = tx.today();
    store::open(tx, file.id, until)?;
    super::look(tx, "file.unsealed", file)?
        .reason(why.reason)
        .record(tx)?;
    Ok(Opening {
        file_id: file.id,
        until,
    })
}
