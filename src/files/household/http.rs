//! `/files/{id}/household` and `/files/{id}/profile`

use actix_web::{HttpResponse, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::bodies::{Revealed, Shown, ShownProfile};
use super::{Leave, NewPerson, Person, PersonChange, PersonId, ProfileForm, Recorded, Reveal, store};
use crate::auth::policy::{ReadFiles, RevealFiles, WriteFiles};
use crate::auth::{Creation, May};
use crate::db::types::Date;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::files::{self, File, FileId, revisions, sealing};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;
use crate::{parameters, say};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(add)
        .service(get)
        .service(change_person)
        .service(leave)
        .service(reveal)
        .service(get_profile)
        .service(change_profile);
}

parameters! {
    /// Which people.
    pub struct HouseholdQuery {
        /// Those who were in the household on this day; default those who are in it.
        on: Option<Date>,
        /// Those who had been recorded by the end of this day, as it was recorded then (39).
        as_of: Option<Date>,
    }
}

parameters! {
    /// The form of when.
    pub struct ProfileQuery {
        /// As it was at the end of this day; default now (39).
        as_of: Option<Date>,
    }
}

/// The people of a household.
#[derive(Serialize, ToSchema)]
pub struct Household {
    /// The head first, the others in the order of joining.
    items: Vec<Shown>,
}

impl Household {
    fn of(mut items: Vec<Shown>) -> Self {
        items.sort_by_key(Shown::place);
        Self { items }
    }
}

fn shown(rx: &mut Rx, file: &files::File, person: &Person) -> Result<Shown> {
    let recorded = super::current(rx, file, person)?;
    Shown::as_recorded(file.id, person.id, recorded, rx.today())
}

fn reply(rx: &mut Rx, file: &files::File, person: &Person) -> Result<Reply> {
    shown(rx, file, person).map(|shown| Reply::ok(person.version, &shown))
}

/// The people of a household, its head among them (9, 10).
#[utoipa::path(tag = "households", operation_id = "list_household", security(("bearer" = ["files:read"])),
    params(HouseholdQuery), responses((status = 200, body = Household)))]
#[get("/files/{id}/household")]
async fn list(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: HouseholdQuery = may.query()?;
    let reader = may.actor.clone();
    let listed = move |rx: &mut Rx| {
        let file = sealing::open_to(rx, &reader, id)?;
        let people = match (query.as_of, query.on) {
            (Some(day), on) => people_as_of(rx, id, day, on)?,
            (None, Some(day)) => {
                store::on_day(rx, id, day).and_then(|people| all_shown(rx, &file, &people))?
            }
            (None, None) => store::present(rx, id).and_then(|people| all_shown(rx, &file, &people))?,
        };
        let event = sealing::seen(rx, &reader, &file, query.as_of)?;
        Ok((Household::of(people), event))
    };
    Ok(Reply::plain(&may.look(listed).await?).into_response())
}

fn all_shown(rx: &mut Rx, file: &File, people: &[Person]) -> Result<Vec<Shown>> {
    people.iter().map(|person| shown(rx, file, person)).collect()
}

/// Who was in the household on `on`, by default on `day`, by what was recorded at the end of `day`.
fn people_as_of(rx: &mut Rx, file: FileId, day: Date, on: Option<Date>) -> Result<Vec<Shown>> {
    let on = on.unwrap_or(day);
    let there = |person: &Recorded| person.joined_on <= on && person.left_on.is_none_or(|left| left >= on);
    let people = revisions::people_on(rx, file, day)?.into_iter();
    people
        .filter(|(_, person)| there(person))
        .map(|(id, person)| Shown::as_recorded(file, id, person, rx.today()))
        .collect()
}

/// The people and the form of a household by what was recorded at the end of a day, as they are shown.
pub fn as_of(rx: &mut Rx, file: FileId, day: Date) -> Result<(Vec<Shown>, ShownProfile)> {
    let (version, profile) = revisions::profile_on(rx, file, day)?;
    Ok((
        people_as_of(rx, file, day, None)?,
        ShownProfile::of(file, version, &profile),
    ))
}

/// Add somebody to a household; an ID number is in one file at most, in the whole service (9).
#[utoipa::path(tag = "households", operation_id = "create_household_person", security(("bearer" = ["files:write"])),
    request_body = NewPerson, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/files/{id}/household")]
async fn add(may: May<WriteFiles>) -> Result<HttpResponse> {
    let file = may.id("file")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, file)?;
        let new: NewPerson = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let person = store::find(tx, file.id, id)?;
                reply(tx, &file, &person).map(Reply::replayed)
            }
            Creation::New(id) => {
                let person = super::add(tx, file.id, id, new)?;
                let place = format!("/files/{}/household/{id}", file.id);
                let shown = shown(tx, &file, &person)?;
                Ok(Reply::created(&place, person.version, &shown))
            }
        }
    })
    .await
}

/// Somebody in a household, or who was.
#[utoipa::path(tag = "households", operation_id = "get_household_person", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Shown)))]
#[get("/files/{id}/household/{person_id}")]
async fn get(may: May<ReadFiles>) -> Result<HttpResponse> {
    let (file, id) = place(&may)?;
    may.query::<Nothing>()?;
    let reader = may.actor.clone();
    let one = move |rx: &mut Rx| {
        let file = sealing::open_to(rx, &reader, file)?;
        let person = store::find(rx, file.id, id)?;
        let found = (person.version, shown(rx, &file, &person)?);
        Ok((found, sealing::seen(rx, &reader, &file, None)?))
    };
    let (version, person) = may.look(one).await?;
    Ok(Reply::ok(version, &person).into_response())
}

/// Change what the form says of somebody in a household.
#[utoipa::path(tag = "households", operation_id = "update_household_person", security(("bearer" = ["files:write"])),
    params(IfMatch), request_body = PersonChange, responses((status = 200, body = Shown)))]
#[patch("/files/{id}/household/{person_id}")]
async fn change_person(may: May<WriteFiles>) -> Result<HttpResponse> {
    let (file, id) = place(&may)?;
    may.write(move |tx, sent| {
        let (file, person) = read(tx, file, id)?;
        sent.expect(tx, id, person.version)?;
        let person = super::change(tx, file.id, &person, sent.body()?)?;
        reply(tx, &file, &person)
    })
    .await
}

/// Record that somebody left a household.
#[utoipa::path(tag = "households", operation_id = "leave_household", security(("bearer" = ["files:write"])),
    params(IfMatch), request_body = Leave, responses((status = 200, body = Shown)))]
#[post("/files/{id}/household/{person_id}/leave")]
async fn leave(may: May<WriteFiles>) -> Result<HttpResponse> {
    let (file, id) = place(&may)?;
    may.write(move |tx, sent| {
        let (file, person) = read(tx, file, id)?;
        sent.expect(tx, id, person.version)?;
        let leave: Leave = sent.body()?;
        let person = super::leave(tx, file.id, &person, &leave)?;
        reply(tx, &file, &person)
    })
    .await
}

/// Show values of one person in clear, with a reason; logged (87).
#[utoipa::path(tag = "households", operation_id = "reveal_household_person", security(("bearer" = ["files:reveal"])),
    request_body = Reveal, responses((status = 200, body = Revealed)))]
#[post("/files/{id}/household/{person_id}/reveal")]
async fn reveal(may: May<RevealFiles>) -> Result<HttpResponse> {
    let (file, id) = place(&may)?;
    may.each_time()
        .write(move |tx, sent| {
            let reader = tx.actor.clone();
            let file = sealing::open_to(tx, &reader, file)?;
            let person = store::find(tx, file.id, id)?;
            let asked: Reveal = sent.body()?;
            if asked.fields.is_empty() {
                let detail = say!("至少一项", "name at least one");
                return Err(Error::invalid("/fields", "required", detail));
            }
            let values = super::reveal(tx, &file, &person, &asked)?;
            Ok(Reply::plain(&Revealed { values }))
        })
        .await
}

fn place<P: crate::auth::policy::Permission>(may: &May<P>) -> Result<(FileId, PersonId)> {
    Ok((may.id("file")?, may.path("person_id", "person")?))
}

fn read(rx: &mut Rx, file: FileId, id: PersonId) -> Result<(files::File, Person)> {
    let file = files::find(rx, file)?;
    let person = store::find(rx, file.id, id)?;
    Ok((file, person))
}

/// What the form says of a household: address, housing and the like (24).
#[utoipa::path(tag = "households", operation_id = "get_file_profile", security(("bearer" = ["files:read"])),
    params(ProfileQuery), responses((status = 200, body = ShownProfile)))]
#[get("/files/{id}/profile")]
async fn get_profile(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: ProfileQuery = may.query()?;
    let reader = may.actor.clone();
    let one = move |rx: &mut Rx| {
        let file = sealing::open_to(rx, &reader, id)?;
        let (version, profile) = match query.as_of {
            Some(day) => revisions::profile_on(rx, id, day)?,
            None => (file.version, super::profile(rx, id)?),
        };
        let found = (version, ShownProfile::of(id, version, &profile));
        Ok((found, sealing::seen(rx, &reader, &file, query.as_of)?))
    };
    let (version, profile) = may.look(one).await?;
    Ok(Reply::ok(version, &profile).into_response())
}

/// Change what the form says of a household. The version is the file's.
#[utoipa::path(tag = "households", operation_id = "update_file_profile", security(("bearer" = ["files:write"])),
    params(IfMatch), request_body = ProfileForm, responses((status = 200, body = ShownProfile)))]
#[patch("/files/{id}/profile")]
async fn change_profile(may: May<WriteFiles>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    may.write(move |tx: &mut Tx, sent| {
        let file = files::find(tx, id)?;
        sent.expect(tx, id, file.version)?;
        let change: ProfileForm = sent.body()?;
        let (file, profile) = super::change_profile(tx, &file, change.0)?;
        Ok(Reply::ok(
            file.version,
            &ShownProfile::of(id, file.version, &profile),
        ))
    })
    .await
}
