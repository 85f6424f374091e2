//! `/members`

use actix_web::{HttpResponse, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

pub use super::bodies::Shown;
use super::bodies::{
    MemberChange, MemberSearch, Merge, NewMember, Reveal, Revealed, StatusChange, Transfer, Unmerge,
};
use super::store::{self, Filter};
use super::{Group, Member, Status};
use crate::auth::policy::{DecideDuplicates, ReadMembers, RevealMembers, WriteMembers};
use crate::auth::{Creation, May};
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::error::{Error, Result};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;
use crate::organizations::OrganizationId;
use crate::{parameters, say};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(search)
        .service(list)
        .service(register)
        .service(get)
        .service(change)
        .service(set_status)
        .service(relocate)
        .service(reveal)
        .service(merge)
        .service(unmerge);
}

parameters! {
    /// Which members.
    pub struct MemberQuery {
        /// Only those of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only those of this group.
        #[param(inline)]
        group: Option<Group>,
        /// Only those with this status.
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

/// The members of the own subtree.
#[utoipa::path(tag = "members", operation_id = "list_members", security(("bearer" = ["members:read"])),
    params(MemberQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/members")]
async fn list(may: May<ReadMembers>) -> Result<HttpResponse> {
    let query: MemberQuery = may.query()?;
    let ask = Ask::new("members", query.limit, &query.cursor)?;
    may.read(move |rx| query.find(rx, &ask)?.map(|member| Shown::of(member, rx.keys)))
        .await
}

impl MemberQuery {
    /// A page of the members that it asks for.
    pub fn find(&self, rx: &mut Rx, ask: &Ask) -> Result<Page<Member>> {
        let filter = Filter {
            organization_id: self.organization_id,
            group: self.group,
            status: self.status,
            ..Filter::default()
        };
        store::list(rx, filter, ask)
    }
}

/// Find members by number or name: personal values never stand in an address (86). The search is logged, by digests.
#[utoipa::path(tag = "members", operation_id = "search_members", security(("bearer" = ["members:read"])),
    request_body = MemberSearch, responses((status = 200, body = Page<Shown>)))]
#[post("/members/search")]
async fn search(may: May<ReadMembers>) -> Result<HttpResponse> {
    may.query::<Nothing>()?;
    let search: MemberSearch = may.body()?;
    let ask = Ask::new("member_search", search.limit, &search.cursor)?;
    if search.id_number.is_none() && search.name.is_none() && search.phone.is_none() {
        let detail = say!(
            "身份证号、姓名、手机号至少填一项",
            "give an ID number, a name or a phone number"
        );
        return Err(Error::invalid("", "required", detail));
    }
    let searched = move |rx: &mut Rx| {
        let filter = Filter {
            person: search.id_number.map(|number| rx.keys.person(number.as_str())),
            phone_hash: search
                .phone
                .map(|number| store::phone_hash(rx.keys, number.as_str())),
            name: search.name.map(String::from),
            ..Filter::default()
        };
        let by = filter.by();
        let sought = filter.person.clone();
        let found = store::list(rx, filter, &ask)?;
        let event = super::searched(&by, sought, &found.items);
        Ok((found.map(|member| Shown::of(member, rx.keys))?, event))
    };
    Ok(HttpResponse::Ok().json(may.look(searched).await?))
}

/// One member.
#[utoipa::path(tag = "members", operation_id = "get_member", security(("bearer" = ["members:read"])),
    responses((status = 200, body = Shown)))]
#[get("/members/{id}")]
async fn get(may: May<ReadMembers>) -> Result<HttpResponse> {
    let id = may.id("member")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let member = store::find(rx, id)?;
        Ok((member.version, Shown::of(member, rx.keys)?))
    })
    .await
}

/// Register a person; each ID number once in the whole service (84, 91).
#[utoipa::path(tag = "members", operation_id = "create_member", security(("bearer" = ["members:write"])),
    request_body = NewMember, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/members")]
async fn register(may: May<WriteMembers>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewMember = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let member = store::find(tx, id)?;
                Ok(Reply::ok(member.version, &Shown::of(member, tx.keys)?).replayed())
            }
            Creation::New(id) => {
                let member = super::register(tx, id, new)?;
                let place = format!("/members/{id}");
                Ok(Reply::created(
                    &place,
                    member.version,
                    &Shown::of(member, tx.keys)?,
                ))
            }
        }
    })
    .await
}

/// Change a member's name, phone, group or employer.
#[utoipa::path(tag = "members", operation_id = "update_member", security(("bearer" = ["members:write"])),
    params(IfMatch), request_body = MemberChange, responses((status = 200, body = Shown)))]
#[patch("/members/{id}")]
async fn change(may: May<WriteMembers>) -> Result<HttpResponse> {
    let id = may.id("member")?;
    may.write(move |tx, sent| {
        let member = store::find(tx, id)?;
        sent.expect(tx, id, member.version)?;
        let member = super::change(tx, &member, sent.body()?)?;
        Ok(Reply::ok(member.version, &Shown::of(member, tx.keys)?))
    })
    .await
}

/// Record what a member is from a day on; history is kept (59).
#[utoipa::path(tag = "members", operation_id = "set_member_status", security(("bearer" = ["members:write"])),
    params(IfMatch), request_body = StatusChange, responses((status = 200, body = Shown)))]
#[post("/members/{id}/status")]
async fn set_status(may: May<WriteMembers>) -> Result<HttpResponse> {
    let id = may.id("member")?;
    may.write(move |tx, sent| {
        let member = store::find(tx, id)?;
        sent.expect(tx, id, member.version)?;
        let member = super::set_status(tx, &member, sent.body()?)?;
        Ok(Reply::ok(member.version, &Shown::of(member, tx.keys)?))
    })
    .await
}

/// Move a member to another unit, from above both.
#[utoipa::path(tag = "members", operation_id = "transfer_member", security(("bearer" = ["members:write"])),
    params(IfMatch), request_body = Transfer, responses((status = 200, body = Shown)))]
#[post("/members/{id}/transfer")]
async fn relocate(may: May<WriteMembers>) -> Result<HttpResponse> {
    let id = may.id("member")?;
    may.write(move |tx, sent| {
        let member = store::find(tx, id)?;
        sent.expect(tx, id, member.version)?;
        let to: Transfer = sent.body()?;
        let member = super::transfer(tx, &member, &to)?;
        Ok(Reply::ok(member.version, &Shown::of(member, tx.keys)?))
    })
    .await
}

/// Show one member's ID number or phone in clear, with a reason; logged (87).
#[utoipa::path(tag = "members", operation_id = "reveal_member", security(("bearer" = ["members:reveal"])),
    request_body = Reveal, responses((status = 200, body = Revealed)))]
#[post("/members/{id}/reveal")]
async fn reveal(may: May<RevealMembers>) -> Result<HttpResponse> {
    let id = may.id("member")?;
    may.each_time()
        .write(move |tx, sent| {
            let member = store::find(tx, id)?;
            let asked: Reveal = sent.body()?;
            if asked.fields.is_empty() {
                let detail = say!("至少一项", "name at least one");
                return Err(Error::invalid("/fields", "required", detail));
            }
            let values = super::reveal(tx, &member, &asked.fields, asked.reason)?;
            Ok(Reply::plain(&Revealed { values }))
        })
        .await
}

/// Take a second record of the same person out of use, once it was decided that the two are one: both keep their
/// history, new files and claims go to the other, and one grant a year counts for both.
#[utoipa::path(tag = "duplicates", operation_id = "merge_member", security(("bearer" = ["duplicates:decide"])),
    params(IfMatch), request_body = Merge, responses((status = 200, body = Shown)))]
#[post("/members/{id}/merge")]
async fn merge(may: May<DecideDuplicates>) -> Result<HttpResponse> {
    let id = may.id("member")?;
    may.write(move |tx, sent| {
        let member = store::find(tx, id)?;
        sent.expect(tx, id, member.version)?;
        let member = super::merge::merge(tx, &member, sent.body()?)?;
        Ok(Reply::ok(member.version, &Shown::of(member, tx.keys)?))
    })
    .await
}

/// Undo a merge: the record is one of its own again, as it was.
#[utoipa::path(tag = "duplicates", operation_id = "unmerge_member", security(("bearer" = ["duplicates:decide"])),
    params(IfMatch), request_body = Unmerge, responses((status = 200, body = Shown)))]
#[post("/members/{id}/unmerge")]
async fn unmerge(may: May<DecideDuplicates>) -> Result<HttpResponse> {
    let id = may.id("member")?;
    may.write(move |tx, sent| {
        let member = store::find(tx, id)?;
        sent.expect(tx, id, member.version)?;
        let member = super::merge::undo(tx, &member, sent.body()?)?;
        Ok(Reply::ok(member.version, &Shown::of(member, tx.keys)?))
    })
    .await
}
