//! Values that are kept the same way in both databases and written the same way in JSON.
//!
//! This is the only module that reads the clock and makes ids.

use std::marker::PhantomData;
use std::{fmt, str::FromStr};

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, SubsecRound, TimeDelta, Timelike, Utc,
};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type};
use uuid::Uuid;

use super::MultiBackend;

/// A calendar day in the configured zone.
pub type Date = NaiveDate;

/// The id of a `T`: a UUIDv7, so ids sort by the time they were made. A file's id and a member's id are
/// different types.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Text)]
pub struct Id<T: 'static>(Uuid, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// A new id whose time part is `at`.
    pub fn new(at: Timestamp) -> Self {
        let since = at.0.and_utc();
        let seconds = u64::try_from(since.timestamp()).unwrap_or_default();
        let time = uuid::Timestamp::from_unix(uuid::NoContext, seconds, since.timestamp_subsec_nanos());
        Self(Uuid::new_v7(time), PhantomData)
    }

    /// The plain UUID.
    pub fn uuid(self) -> Uuid {
        self.0
    }

    /// The same id seen as the id of something else, where a table refers to several kinds of thing.
    pub fn cast<U>(self) -> Id<U> {
        Id(self.0, PhantomData)
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<T> FromStr for Id<T> {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        Ok(Self(text.parse()?, PhantomData))
    }
}
impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Uuid::deserialize(deserializer)?, PhantomData))
    }
}
impl<T> utoipa::PartialSchema for Id<T> {
    fn schema() -> RefOr<Schema> {
        string_schema(|o| o.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))))
    }
}
impl<T> utoipa::ToSchema for Id<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}
impl<T, DB: Backend> FromSql<sql_types::Text, DB> for Id<T>
where
    String: FromSql<sql_types::Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(String::from_sql(raw)?.parse()?)
    }
}
impl<T> ToSql<sql_types::Text, diesel::pg::Pg> for Id<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::pg::Pg>) -> serialize::Result {
        use std::io::Write;
        write!(out, "{self}")?;
        Ok(IsNull::No)
    }
}
impl<T> ToSql<sql_types::Text, diesel::sqlite::Sqlite> for Id<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::sqlite::Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}
impl<T> ToSql<sql_types::Text, MultiBackend> for Id<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((sql_types::Text, self));
        Ok(IsNull::No)
    }
}

/// A moment in UTC, to the microsecond (the finest both databases keep).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Timestamp)]
pub struct Timestamp(NaiveDateTime);

impl Timestamp {
    /// The present moment. Only the program's edges call this; everything else is told the time.
    #[allow(clippy::disallowed_methods)]
    pub fn now() -> Self {
        Self(Utc::now().naive_utc().trunc_subsecs(6))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.0.and_utc().timestamp()
    }

    /// The moment `seconds` after 1970-01-01T00:00:00Z, if it can be represented.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        DateTime::from_timestamp(seconds, 0).map(|at| Self(at.naive_utc()))
    }

    /// The day this moment falls on in `zone`.
    pub fn date(self, zone: FixedOffset) -> Date {
        self.0.and_utc().with_timezone(&zone).date_naive()
    }

    /// The hour that a clock in `zone` shows, 0 to 23.
    pub fn hour(self, zone: FixedOffset) -> u32 {
        self.0.and_utc().with_timezone(&zone).hour()
    }

    /// Day and minute as a clock in `zone` shows them: `2020-05-20 12:30`.
    pub fn minute(self, zone: FixedOffset) -> String {
        let local = self.0.and_utc().with_timezone(&zone);
        local.format("%Y-%m-%d %H:%M").to_string()
    }

    /// `hour` o'clock in `zone` on `day`.
    pub fn on(day: Date, hour: u32, zone: FixedOffset) -> Self {
        let local = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::hours(i64::from(hour));
        Self(local - TimeDelta::seconds(i64::from(zone.local_minus_utc())))
    }

    /// The moment `delta` later (earlier when negative).
    pub fn plus(self, delta: TimeDelta) -> Self {
        Self(self.0.checked_add_signed(delta).unwrap_or(self.0))
    }

    /// The time from `earlier` to this moment.
    pub fn since(self, earlier: Self) -> TimeDelta {
        self.0 - earlier.0
    }
}
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "{}",
            self.0
                .and_utc()
                .to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
        )
    }
}
impl FromStr for Timestamp {
    type Err = chrono::ParseError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(
            DateTime::parse_from_rfc3339(text)?.naive_utc().trunc_subsecs(6),
        ))
    }
}
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
impl utoipa::PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        string_schema(|o| {
            o.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
                .examples([serde_json::json!("2020-03-13T08:30:00.000000Z")])
        })
    }
}
impl utoipa::ToSchema for Timestamp {}
impl<DB: Backend> FromSql<sql_types::Timestamp, DB> for Timestamp
where
    NaiveDateTime: FromSql<sql_types::Timestamp, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        NaiveDateTime::from_sql(raw).map(Self)
    }
}
impl<DB: Backend> ToSql<sql_types::Timestamp, DB> for Timestamp
where
    NaiveDateTime: ToSql<sql_types::Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// Money in fen (1/100 yuan). Never negative in input; never a float anywhere.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    AsExpression,
    FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = sql_types::BigInt)]
pub struct Fen(pub i64);

impl Fen {
    /// The largest amount accepted as input: ¥10,000,000,000.00. Sums of a thousand such still fit in an `i64`.
    pub const MAX: i64 = 1_000_000_000_000;
}
impl std::iter::Sum for Fen {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|f| f.0).sum())
    }
}
impl fmt::Display for Fen {
    /// Yuan with two decimals: `10000.00`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(
            f,
            "{sign}{}.{:02}",
            self.0.unsigned_abs() / 100,
            self.0.unsigned_abs() % 100
        )
    }
}
impl utoipa::PartialSchema for Fen {
    fn schema() -> RefOr<Schema> {
        let fen = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0_i64))
            .maximum(Some(Self::MAX))
            .examples([serde_json::json!(1_000_000)]);
        fen.into()
    }
}
impl utoipa::ToSchema for Fen {}
impl<DB: Backend> FromSql<sql_types::BigInt, DB> for Fen
where
    i64: FromSql<sql_types::BigInt, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(raw).map(Self)
    }
}
impl<DB: Backend> ToSql<sql_types::BigInt, DB> for Fen
where
    i64: ToSql<sql_types::BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// A value kept as JSON text in one column, for small structures that are only read whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = sql_types::Text)]
pub struct Json<T>(pub T);

impl<T: fmt::Debug + serde::de::DeserializeOwned, DB: Backend> FromSql<sql_types::Text, DB> for Json<T>
where
    String: FromSql<sql_types::Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(&String::from_sql(raw)?)?))
    }
}
impl<T: fmt::Debug + Serialize> ToSql<sql_types::Text, diesel::pg::Pg> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::pg::Pg>) -> serialize::Result {
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}
impl<T: fmt::Debug + Serialize> ToSql<sql_types::Text, diesel::sqlite::Sqlite> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::sqlite::Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}
impl<T: fmt::Debug + Serialize + Send + Sync + 'static> ToSql<sql_types::Text, MultiBackend> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((sql_types::Text, self));
        Ok(IsNull::No)
    }
}

/// Declares an enum kept as text in the database and as the same text in JSON.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:tt),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
                 utoipa::ToSchema, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        $(#[$meta])*
        #[diesel(sql_type = diesel::sql_types::Text)]
        $vis enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value as it stands in JSON and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|v| v.as_str() == text).ok_or(())
            }
        }
        impl $crate::input::Input for $name {
            fn read(value: &serde_json::Value, at: &str, errors: &mut Vec<$crate::error::FieldError>) -> Option<Self> {
                $crate::input::one_of(value, at, errors, || {
                    Self::ALL.iter().map(|v| v.as_str()).collect::<Vec<_>>().join("·")
                })
            }
        }
        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where str: diesel::serialize::ToSql<diesel::sql_types::Text, DB> {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.as_str().to_sql(out)
            }
        }
        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB> {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(raw)?;
                text.parse().map_err(|()| format!("unknown {}: {text}", stringify!($name)).into())
            }
        }
    };
}

/// The schema of a string, refined by `more`.
pub(crate) fn string_schema(more: impl FnOnce(ObjectBuilder) -> ObjectBuilder) -> RefOr<Schema> {
    let object: Object = more(ObjectBuilder::new().schema_type(Type::String)).build();
    object.into()
}

/// The first and last day of `year`.
pub fn year_bounds(year: i32) -> (Date, Date) {
    let day = |month, day| Date::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(1, 1), day(12, 31))
}

/// The year `date` lies in, in the type of the database's year columns.
pub fn year_of(date: Date) -> i32 {
    date.year()
}
