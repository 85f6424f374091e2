//! People who are not on file but kept in view: temporary relief (临时救助, rule 49) and the borderline register (边缘困难,
//! rule 22).

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::members::{self, Member, MemberId};
use crate::{say, separation};

pub mod borderline;
pub mod http;
pub mod relief;
mod rules;
mod store;

/// The member that a new record is about: in scope, not merged into another, neither the acting person nor a relative.
fn subject(tx: &mut Tx, id: MemberId) -> Result<Member> {
    let member = match members::find(tx, id) {
        Err(Error::NotFound(_)) => return Err(Error::unknown_reference("/member_id")),
        found => found?,
    };
    members::not_merged(tx, &member)?;
    separation::not_own(tx, &member.person)?;
    Ok(member)
}

/// What has ended stays as it is.
fn ended() -> Error {
    Error::refused("ended", say!("该记录已办结", "this record has ended"))
}
