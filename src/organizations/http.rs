//! `/organizations`

use actix_web::{HttpResponse, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::Filter;
use super::{Kind, Organization, OrganizationId, store};
use crate::auth::policy::{ReadOrganizations, WriteOrganizations};
use crate::auth::{Creation, May};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::error::Result;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{Name, Nothing, Text};
use crate::{changes, input, parameters};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create)
        .service(get)
        .service(change)
        .service(relocate)
        .service(close);
}

input! {
    /// A new unit.
    pub struct NewOrganization {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<OrganizationId>,
        /// The unit above.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub parent_id: Option<OrganizationId>,
        /// What kind of unit.
        pub kind: Kind,
        /// Its name.
        #[schema(value_type = String, example = "镜湖区总工会", max_length = 100)]
        pub name: Name,
        /// Its code, unique in the service.
        #[schema(value_type = String, example = "340202", max_length = 32)]
        pub code: Text<32>,
        /// The region it lies in (GB/T 2260).
        #[schema(value_type = Option<String>, example = "340202", max_length = 6)]
        pub region_code: Option<Text<6>>,
    }
}

changes! {
    /// Changes of a unit.
    pub struct OrganizationChange {
        /// What kind of unit.
        pub kind: Kind,
        /// Its name.
        #[schema(value_type = Option<String>, max_length = 100)]
        pub name: Name,
        /// Its code.
        #[schema(value_type = Option<String>, max_length = 32)]
        pub code: Text<32>,
        /// The region it lies in; null for none.
        #[schema(value_type = Option<String>, max_length = 6)]
        pub region_code: Option<Text<6>>,
    }
}

input! {
    /// Where a unit moves.
    pub struct Move {
        /// The unit above it from now on.
        #[schema(value_type = String, format = "uuid")]
        pub parent_id: OrganizationId,
    }
}

parameters! {
    /// Which units.
    pub struct OrganizationQuery {
        /// Only those directly below this one.
        #[param(value_type = Option<String>, format = "uuid")]
        parent_id: Option<OrganizationId>,
        /// Only of this kind.
        #[param(inline)]
        kind: Option<Kind>,
        /// Only those with this text in their name.
        #[param(value_type = Option<String>)]
        name: Option<Name>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// The units of the own subtree.
#[utoipa::path(tag = "organizations", operation_id = "list_organizations", security(("bearer" = ["organizations:read"])),
    params(OrganizationQuery), responses((status = 200, body = Page<Organization>)))]
#[get("/organizations")]
async fn list(may: May<ReadOrganizations>) -> Result<HttpResponse> {
    let query: OrganizationQuery = may.query()?;
    let ask = Ask::new("organizations", query.limit, &query.cursor)?;
    let filter = Filter {
        parent_id: query.parent_id,
        kind: query.kind,
        name: query.name.map(String::from),
    };
    may.read(move |rx| store::list(rx, filter, &ask)).await
}

/// One unit.
#[utoipa::path(tag = "organizations", operation_id = "get_organization", security(("bearer" = ["organizations:read"])),
    responses((status = 200, body = Organization)))]
#[get("/organizations/{id}")]
async fn get(may: May<ReadOrganizations>) -> Result<HttpResponse> {
    let id = may.id("organization")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| store::find(rx, id).map(|unit| (unit.version, unit)))
        .await
}

/// Open a unit (1).
#[utoipa::path(tag = "organizations", operation_id = "create_organization", security(("bearer" = ["organizations:write"])),
    request_body = NewOrganization, responses((status = 201, body = Organization), (status = 200, body = Organization, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/organizations")]
async fn create(may: May<WriteOrganizations>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewOrganization = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => store::find(tx, id).map(|unit| Reply::ok(unit.version, &unit).replayed()),
            Creation::New(id) => {
                let unit = super::open(tx, id, new)?;
                Ok(Reply::created(
                    &format!("/organizations/{id}"),
                    unit.version,
                    &unit,
                ))
            }
        }
    })
    .await
}

/// Change a unit.
#[utoipa::path(tag = "organizations", operation_id = "update_organization", security(("bearer" = ["organizations:write"])),
    params(IfMatch), request_body = OrganizationChange, responses((status = 200, body = Organization)))]
#[patch("/organizations/{id}")]
async fn change(may: May<WriteOrganizations>) -> Result<HttpResponse> {
    let id = may.id("organization")?;
    may.write(move |tx, sent| {
        let unit = store::find(tx, id)?;
        sent.expect(tx, id, unit.version)?;
        let unit = super::change(tx, &unit, sent.body()?)?;
        Ok(Reply::ok(unit.version, &unit))
    })
    .await
}

/// Move a unit with everything below it (1).
#[utoipa::path(tag = "organizations", operation_id = "move_organization", security(("bearer" = ["organizations:write"])),
    params(IfMatch), request_body = Move, responses((status = 200, body = Organization)))]
#[post("/organizations/{id}/move")]
async fn relocate(may: May<WriteOrganizations>) -> Result<HttpResponse> {
    let id = may.id("organization")?;
    may.write(move |tx, sent| {
        let unit = store::find(tx, id)?;
        sent.expect(tx, id, unit.version)?;
        let to: Move = sent.body()?;
        let unit = super::relocate(tx, &unit, to.parent_id)?;
        Ok(Reply::ok(unit.version, &unit))
    })
    .await
}

/// Close a unit; refused while anything is open below it.
#[utoipa::path(tag = "organizations", operation_id = "close_organization", security(("bearer" = ["organizations:write"])),
    params(IfMatch), responses((status = 200, body = Organization)))]
#[post("/organizations/{id}/close")]
async fn close(may: May<WriteOrganizations>) -> Result<HttpResponse> {
    let id = may.id("organization")?;
    may.write(move |tx, sent| {
        let unit = store::find(tx, id)?;
        sent.expect(tx, id, unit.version)?;
        sent.nothing()?;
        let unit = super::close(tx, &unit)?;
        Ok(Reply::ok(unit.version, &unit))
    })
    .await
}
