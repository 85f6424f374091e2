//! The lists that can leave the service (90), and what each is asked by. Their rows are what the lists themselves show, masked; in
//! clear some values take the place of their masks.

use serde_json::{Map, Value};

use super::columns::Column;
use crate::aid::http as aid;
use crate::auth::policy::{Permission, ReadAid, ReadClaims, ReadFiles, ReadMembers, ReadPayments};
use crate::claims::Payee;
use crate::claims::http as claims;
use crate::db::Rx;
use crate::db::page::{Ask, Page};
use crate::duties::http as duties;
use crate::error::{Error, FieldError, Result};
use crate::files::http as files;
use crate::input::Input;
use crate::members::MemberId;
use crate::members::http as members;
use crate::payments::{Case, http as payments};
use crate::{say, text_enum};

text_enum! {
    /// What is exported.
    #[schema(as = ExportList)]
    pub enum List {
        /// 会员.
        Members = "members",
        /// 困难职工档案.
        Files = "files",
        /// 五个一行动.
        Actions = "actions",
        /// 大病慰问申请.
        IllnessClaims = "illness_claims",
        /// 救助申请.
        AidApplications = "aid_applications",
        /// 发放.
        Payments = "payments",
    }
}

impl List {
    /// The permission without which nobody exports it.
    pub fn permission(self) -> &'static str {
        match self {
            Self::Members => ReadMembers::NAME,
            Self::Files | Self::Actions => ReadFiles::NAME,
            Self::IllnessClaims => ReadClaims::NAME,
            Self::AidApplications => ReadAid::NAME,
            Self::Payments => ReadPayments::NAME,
        }
    }

    /// Whether anything in it is masked.
    pub fn masks(self) -> bool {
        !matches!(self, Self::Files | Self::Actions)
    }
}

/// A row of a list: what the list shows of it, and the member whom it is about.
pub struct Row {
    pub member_id: MemberId,
    shown: Value,
}

impl Row {
    /// Every row that leaves goes through here, with the member whom it is about.
    fn of(member_id: MemberId, shown: &impl serde::Serialize) -> Result<Self> {
        let mut shown = serde_json::to_value(shown).map_err(Error::internal)?;
        shown["member_id"] = Value::String(member_id.to_string());
        Ok(Self { member_id, shown })
    }

    /// Writes a value in clear over its mask.
    fn reveal(&mut self, at: &str, value: Option<String>) {
        if let Some(place) = self.shown.pointer_mut(at) {
            *place = value.map_or(Value::Null, Value::String);
        }
    }

    fn reveal_payee(&mut self, payee: Payee) {
        self.reveal("/payee/id_number", Some(payee.id_number));
        self.reveal("/payee/account_number", Some(payee.account_number));
    }

    /// What stands in a column.
    pub fn cell(&self, column: &Column) -> &Value {
        self.shown.pointer(column.at).unwrap_or(&Value::Null)
    }
}

/// A question to a list.
#[derive(Clone)]
pub enum Query {
    /// To the members.
    Members(members::MemberQuery),
    /// To the files.
    Files(files::FileQuery),
    /// To the actions.
    Actions(duties::ActionQuery),
    /// To the claims on the condolence.
    IllnessClaims(claims::ClaimQuery),
    /// To the applications for aid.
    AidApplications(aid::AidQuery),
    /// To the payments.
    Payments(payments::PaymentQuery),
}

/// What a filter can't name: how a list is paged is the export's own matter.
const PAGING: [&str; 2] = ["limit", "cursor"];

impl Query {
    /// Reads a filter with the names of the list's own query; what is wrong with it goes to `errors`.
    pub fn read(list: List, filter: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        for name in PAGING.iter().filter(|name| filter.get(**name).is_some()) {
            let detail = say!("没有这个字段", "there is no such field");
            errors.push(FieldError::new(format!("{at}/{name}"), "unknown_field", detail));
        }
        match list {
            List::Members => Input::read(filter, at, errors).map(Self::Members),
            List::Files => Input::read(filter, at, errors).map(Self::Files),
            List::Actions => Input::read(filter, at, errors).map(Self::Actions),
            List::IllnessClaims => Input::read(filter, at, errors).map(Self::IllnessClaims),
            List::AidApplications => Input::read(filter, at, errors).map(Self::AidApplications),
            List::Payments => Input::read(filter, at, errors).map(Self::Payments),
        }
    }

    /// The first page of so many rows.
    pub fn first(&self, rows: i64) -> Ask {
        let list = match self {
            Self::Files(query) => query.list(),
            _ => "export",
        };
        Ask::after(list, rows, None)
    }

    /// How many rows a page has, and the cursor of the next: for counting without opening what is sealed.
    pub fn count(&self, rx: &mut Rx, ask: &Ask) -> Result<(usize, Option<String>)> {
        fn size<T>(page: Page<T>) -> (usize, Option<String>) {
            (page.items.len(), page.next_cursor)
        }
        match self {
            Self::Members(query) => query.find(rx, ask).map(size),
            Self::Files(query) => query.find(rx, ask).map(size),
            Self::Actions(query) => query.find(rx, ask).map(size),
            Self::IllnessClaims(query) => query.find(rx, ask).map(size),
            Self::AidApplications(query) => query.find(rx, ask).map(size),
            Self::Payments(query) => query.find(rx, ask).map(size),
        }
    }

    /// A page of rows, as the list shows them or in clear.
    pub fn rows(&self, rx: &mut Rx, ask: &Ask, clear: bool) -> Result<Page<Row>> {
        match self {
            Self::Members(query) => query.find(rx, ask)?.map(|member| {
                let numbers = (member.id_number(rx.keys)?, member.phone(rx.keys)?);
                let mut row = Row::of(member.id, &members::Shown::of(member, rx.keys)?)?;
                if clear {
                    row.reveal("/id_number", Some(numbers.0));
                    row.reveal("/phone", numbers.1);
                }
                Ok(row)
            }),
            Self::Files(query) => query.find(rx, ask)?.map(|file| Row::of(file.member_id, &file)),
            Self::Actions(query) => query.find(rx, ask)?.map(|action| {
                let file = crate::files::find(rx, action.file_id)?;
                Row::of(file.member_id, &action)
            }),
            Self::IllnessClaims(query) => query.find(rx, ask)?.map(|claim| {
                let payee = claim.details(rx)?.payee;
                let mut row = Row::of(claim.member_id, &claims::Shown::of(rx, claim)?)?;
                if clear {
                    row.reveal_payee(payee);
                }
                Ok(row)
            }),
            Self::AidApplications(query) => query.find(rx, ask)?.map(|application| {
                let payee = application.details(rx)?.payee;
                let mut row = Row::of(application.member_id, &aid::Shown::of(rx, application)?)?;
                if clear {
                    row.reveal_payee(payee);
                }
                Ok(row)
            }),
            Self::Payments(query) => query.find(rx, ask)?.map(|payment| {
                let (member, payee) = (Case::of(rx, &payment)?.member_id(), payment.payee(rx)?);
                let mut row = Row::of(member, &payments::Shown::of(rx, payment)?)?;
                if clear {
                    row.reveal_payee(payee);
                }
                Ok(row)
            }),
        }
    }
}

/// The names of a filter, without its values.
pub fn names(filter: &Value) -> String {
    let names: Vec<&str> = filter
        .as_object()
        .map(Map::keys)
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    names.join(",")
}
