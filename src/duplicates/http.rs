//! `/duplicates`

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules::{Facts, Reason};
use super::{Candidate, Decide, Kind, Known, KnownId, Pair, PairId, Status, store};
use crate::auth::May;
use crate::auth::policy::{DecideDuplicates, ReadDuplicates, SearchDuplicates};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::identity::{BankCard, Mobile, mask_id, mask_name};
use crate::input::{Name, Nothing, Text, normal_number};
use crate::keyring::Keyring;
use crate::organizations::OrganizationId;
use crate::users::UserId;
use crate::{input, parameters, say};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(search).service(list).service(get).service(decide);
}

input! {
    /// What is known of somebody who is looked for: at least one of it.
    pub struct DuplicateSearch {
        /// In characters of either script, or in pinyin.
        #[schema(value_type = Option<String>, example = "zhang wei")]
        pub name: Option<Name>,
        /// As it was typed or read, 15 to 19 characters, perhaps with a slip.
        #[schema(value_type = Option<String>, example = "34029919700101001X")]
        pub id_number: Option<Text<40>>,
        /// When the number is not known.
        pub birth_date: Option<Date>,
        /// A mobile phone number.
        pub phone: Option<Mobile>,
        /// A bank card number.
        pub account_number: Option<BankCard>,
    }
}

impl DuplicateSearch {
    fn facts(self) -> Result<Facts> {
        let id_number = self.id_number.map(|typed| normal_number(&typed));
        let form = |typed: &String| {
            (15..=19).contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_digit() || b == b'X')
        };
        if id_number.as_ref().is_some_and(|typed| !form(typed)) {
            let detail = say!("须为 15 至 19 位", "must have 15 to 19 characters");
            return Err(Error::invalid("/id_number", "invalid_id_number", detail));
        }
        let facts = Facts {
            name: self.name.map(String::from),
            id_number,
            birth_date: self.birth_date,
            phone: self.phone.map(|phone| phone.as_str().to_owned()),
            account: self.account_number.map(|card| card.as_str().to_owned()),
        };
        let sought = Facts {
            birth_date: None,
            ..facts.clone()
        };
        if sought == Facts::default() {
            let detail = say!(
                "姓名、身份证号、手机号、银行卡号至少填一项",
                "give a name, an ID number, a phone number or a bank card number"
            );
            return Err(Error::invalid("", "required", detail));
        }
        Ok(facts)
    }
}

parameters! {
    /// Which pairs.
    pub struct DuplicateQuery {
        /// Only those that stand so.
        #[param(inline)]
        status: Option<Status>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// A record, as shown to those who see its unit; others see the unit only.
#[derive(Serialize, ToSchema)]
#[schema(as = KnownRecord)]
pub struct Side {
    /// The unit that holds the record: the one to ask.
    organization_id: OrganizationId,
    /// What kind of record it is; null out of scope, as is the rest.
    kind: Option<Kind>,
    /// The id of the member or of the person in a household.
    #[schema(value_type = Option<String>, format = "uuid")]
    id: Option<KnownId>,
    /// The file, of somebody in a household.
    #[schema(value_type = Option<String>, format = "uuid")]
    file_id: Option<Id<()>>,
    /// The name; masked but for members.
    #[schema(example = "张伟")]
    name: Option<String>,
    /// Masked.
    #[schema(example = "3402**********001X")]
    id_number: Option<String>,
}

impl Side {
    fn of(known: &Known, keys: &Keyring) -> Result<Self> {
        let named = known.named(keys)?;
        let name = match known.kind {
            Kind::Member => named.name,
            Kind::HouseholdPerson => mask_name(&named.name),
        };
        Ok(Self {
            organization_id: known.organization_id,
            kind: Some(known.kind),
            id: Some(known.id),
            file_id: known.file_id,
            name: Some(name),
            id_number: Some(mask_id(&named.id_number)),
        })
    }

    fn hidden(organization_id: OrganizationId) -> Self {
        Self {
            organization_id,
            kind: None,
            id: None,
            file_id: None,
            name: None,
            id_number: None,
        }
    }
}

/// Somebody who may be meant.
#[derive(Serialize, ToSchema)]
#[schema(as = DuplicateCandidate)]
pub struct ShownCandidate {
    /// The record.
    record: Side,
    /// 0 to 100: the sum of the reasons' points.
    #[schema(example = 90)]
    score: i32,
    /// Whether the score reaches the policy's `likely_from`.
    likely: bool,
    /// What was compared, and what it adds.
    reasons: Vec<Reason>,
}

/// Everybody who may be meant.
#[derive(Serialize, ToSchema)]
#[schema(as = DuplicatesFound)]
pub struct Found {
    /// At most 20, the likeliest first.
    items: Vec<ShownCandidate>,
    /// Units outside your scope that hold a likely record: ask there.
    elsewhere: Vec<OrganizationId>,
}

/// Two records that may be of one person.
#[derive(Serialize, ToSchema)]
#[schema(as = Duplicate)]
pub struct ShownPair {
    /// Its id.
    id: PairId,
    /// Where it stands.
    status: Status,
    /// 0 to 100, when it was found.
    #[schema(example = 90)]
    score: i32,
    /// What was compared, and what it added; empty unless you see both records.
    reasons: Vec<Reason>,
    /// The one record.
    first: Side,
    /// The other record.
    second: Side,
    /// When it was found.
    found_at: Timestamp,
    /// Who decided it.
    decided_by: Option<UserId>,
    /// When.
    decided_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    version: i32,
}

impl ShownPair {
    fn of(
        pair: &Pair,
        people: &BTreeMap<KnownId, Known>,
        visible: &BTreeSet<KnownId>,
        keys: &Keyring,
    ) -> Result<Self> {
        let side = |id: KnownId| match visible.contains(&id) {
            true => Side::of(&people[&id], keys),
            false => Ok(Side::hidden(people[&id].organization_id)),
        };
        let both = visible.contains(&pair.first_id) && visible.contains(&pair.second_id);
        Ok(Self {
            id: pair.id,
            status: pair.status,
            score: pair.score,
            reasons: if both { pair.reasons.0.clone() } else { Vec::new() },
            first: side(pair.first_id)?,
            second: side(pair.second_id)?,
            found_at: pair.found_at,
            decided_by: pair.decided_by,
            decided_at: pair.decided_at,
            version: pair.version,
        })
    }

    /// Each of `pairs`, with the sides as far as they are in scope.
    fn all(rx: &mut Rx, pairs: Page<Pair>) -> Result<Page<Self>> {
        let ids: Vec<_> = pairs
            .items
            .iter()
            .flat_map(|pair| [pair.first_id, pair.second_id])
            .collect();
        let people = store::people(rx, &ids)?;
        let visible = store::visible(rx, ids)?;
        pairs.map(|pair| Self::of(&pair, &people, &visible, rx.keys))
    }

    fn one(rx: &mut Rx, pair: &Pair) -> Result<Self> {
        let ids = [pair.first_id, pair.second_id];
        let (people, visible) = (store::people(rx, &ids)?, store::visible(rx, ids)?);
        Self::of(pair, &people, &visible, rx.keys)
    }
}

/// Find somebody in spite of pinyin, script, slips and old numbers, with the reasons; of those held outside your scope
/// only the unit to ask. Each search is logged (9, 87).
#[utoipa::path(tag = "duplicates", operation_id = "search_duplicates", security(("bearer" = ["duplicates:search"])),
    request_body = DuplicateSearch, responses((status = 200, body = Found)))]
#[post("/duplicates/search")]
async fn search(may: May<SearchDuplicates>) -> Result<HttpResponse> {
    may.each_time()
        .write(|tx: &mut Tx, sent| {
            let facts = sent.body::<DuplicateSearch>()?.facts()?;
            let line = super::policy(tx)?.likely_from;
            let (found, elsewhere) = super::search(tx, &facts)?;
            let shown = |candidate: &Candidate| {
                Ok(ShownCandidate {
                    record: Side::of(&candidate.known, tx.keys)?,
                    score: candidate.score(),
                    likely: i64::from(candidate.score()) >= line,
                    reasons: candidate.reasons.clone(),
                })
            };
            let items = found.iter().map(shown).collect::<Result<_>>()?;
            Ok(Reply::plain(&Found { items, elsewhere }))
        })
        .await
}

/// Pairs of records that may be of one person: found when somebody is registered or changed.
#[utoipa::path(tag = "duplicates", operation_id = "list_duplicates", security(("bearer" = ["duplicates:read"])),
    params(DuplicateQuery), responses((status = 200, body = Page<ShownPair>)))]
#[get("/duplicates")]
async fn list(may: May<ReadDuplicates>) -> Result<HttpResponse> {
    let query: DuplicateQuery = may.query()?;
    let ask = Ask::new("duplicates", query.limit, &query.cursor)?;
    may.read(move |rx| {
        let page = store::pairs(rx, query.status, &ask)?;
        ShownPair::all(rx, page)
    })
    .await
}

/// One pair.
#[utoipa::path(tag = "duplicates", operation_id = "get_duplicate", security(("bearer" = ["duplicates:read"])),
    responses((status = 200, body = ShownPair)))]
#[get("/duplicates/{id}")]
async fn get(may: May<ReadDuplicates>) -> Result<HttpResponse> {
    let id = may.id("duplicate")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let pair = store::pair(rx, id)?;
        Ok((pair.version, ShownPair::one(rx, &pair)?))
    })
    .await
}

/// Decide whether two records are of one person, by somebody who sees both; may be decided anew.
#[utoipa::path(tag = "duplicates", operation_id = "decide_duplicate", security(("bearer" = ["duplicates:decide"])),
    params(IfMatch), request_body = Decide, responses((status = 200, body = ShownPair)))]
#[post("/duplicates/{id}/decide")]
async fn decide(may: May<DecideDuplicates>) -> Result<HttpResponse> {
    let id: PairId = may.id("duplicate")?;
    may.write(move |tx, sent| {
        let pair = store::pair(tx, id)?;
        sent.expect(tx, id, pair.version)?;
        let pair = super::decide(tx, &pair, sent.body()?)?;
        Ok(Reply::ok(pair.version, &ShownPair::one(tx, &pair)?))
    })
    .await
}
