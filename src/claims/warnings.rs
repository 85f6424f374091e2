//! What a claim says that something else on record contradicts: shown with it, refused for it never.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Claim, Details};
use crate::db::Rx;
use crate::db::types::{Fen, Id};
use crate::error::Result;
use crate::insurance;
use crate::members::{self, MemberId};
use crate::text_enum;

text_enum! {
    /// What differs.
    #[schema(as = ClaimWarningCode)]
    pub enum Code {
        /// 互助保障赔付与登记不一致 (60).
        MutualAidDiffers = "mutual_aid_differs",
    }
}

/// A difference that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClaimWarning)]
pub struct Warning {
    /// What differs.
    pub code: Code,
    /// What the insurances of the member paid for what happened in the programme year.
    #[schema(example = 300000)]
    pub recorded_fen: Fen,
    /// What the stays say was mutual aid.
    #[schema(example = 0)]
    pub claimed_fen: Fen,
}

/// The warnings of a claim.
pub(super) fn of(rx: &mut Rx, claim: &Claim, details: &Details) -> Result<Vec<Warning>> {
    about(
        rx,
        claim.member_id,
        claim.programme_year,
        details,
        Some(claim.id.cast()),
    )
}

/// The warnings of what a member claims in a programme year, as `claim` if it is stored.
pub(super) fn about(
    rx: &mut Rx,
    member: MemberId,
    year: i32,
    details: &Details,
    claim: Option<Id<()>>,
) -> Result<Vec<Warning>> {
    let persons = members::persons(rx, member)?;
    let recorded_fen = insurance::claims::paid_to(rx, &persons, year, claim)?;
    let aids = details
        .stays
        .iter()
        .filter_map(|stay| stay.deductions.mutual_aid_fen);
    let claimed_fen = aids.sum();
    let differs = Warning {
        code: Code::MutualAidDiffers,
        recorded_fen,
        claimed_fen,
    };
    Ok((recorded_fen != claimed_fen)
        .then_some(differs)
        .into_iter()
        .collect())
}
