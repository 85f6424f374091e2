//! The lists that can leave the service (90): what each is asked by, and which columns it has. Their rows are what the lists
//! themselves show, masked; in clear some values take the place of their masks, and a few columns more are written.

use serde_json::{Map, Value};

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

/// A column of an export.
pub struct Column {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Where it stands in what the list shows.
    at: &'static str,
    /// Whether it is written only in clear.
    clear: bool,
}

const fn column(name: &'static str, title: &'static str, at: &'static str) -> Column {
    Column {
        name,
        title,
        at,
        clear: false,
    }
}

const fn in_clear(name: &'static str, title: &'static str, at: &'static str) -> Column {
    Column {
        name,
        title,
        at,
        clear: true,
    }
}

const MEMBERS: &[Column] = &[
    column("member_id", "会员编号", "/id"),
    column("organization_id", "所属工会", "/organization_id"),
    column("name", "姓名", "/name"),
    column("id_number", "身份证号", "/id_number"),
    column("phone", "电话", "/phone"),
    column("sex", "性别", "/sex"),
    in_clear("birth_date", "出生日期", "/birth_date"),
    column("status", "状态", "/status"),
    column("joined_on", "入会日期", "/joined_on"),
    column("group", "群体", "/group"),
    column("employer", "单位", "/employer"),
];
const FILES: &[Column] = &[
    column("file_id", "档案", "/id"),
    column("number", "档案号", "/number"),
    column("member_id", "会员编号", "/member_id"),
    column("organization_id", "所属工会", "/organization_id"),
    column("status", "状态", "/status"),
    column("scheme", "分类标准", "/scheme"),
    column("category", "类别", "/category"),
    column("level", "层级", "/level"),
    column("primary_cause", "主要致困原因", "/primary_cause"),
    column("contact_id", "联系人", "/contact_id"),
    column("opened_on", "建档日", "/opened_on"),
    column("closed_on", "退出日", "/closed_on"),
    column("closed_reason", "退出原因", "/closed_reason"),
    column("episode", "第几次", "/episode"),
];
const ACTIONS: &[Column] = &[
    column("action_id", "行动", "/id"),
    column("file_id", "档案", "/file_id"),
    column("member_id", "会员编号", "/member_id"),
    column("organization_id", "所属工会", "/organization_id"),
    column("kind", "种类", "/kind"),
    column("occurred_at", "时间", "/occurred_at"),
    column("performed_by", "执行人", "/performed_by"),
    column("recorded_by", "登记人", "/recorded_by"),
    column("recorded_at", "登记时间", "/recorded_at"),
    column("voided_at", "作废时间", "/voided_at"),
];
const ILLNESS_CLAIMS: &[Column] = &[
    column("claim_id", "申请", "/id"),
    column("number", "编号", "/number"),
    column("member_id", "会员编号", "/member_id"),
    column("organization_id", "所属工会", "/organization_id"),
    column("programme_year", "年度", "/programme_year"),
    column("status", "状态", "/status"),
    column("submitted_on", "提交日", "/submitted_on"),
    column("amount_fen", "金额（分）", "/assessment/amount_fen"),
    in_clear("illness", "疾病", "/illness/name"),
    column("payee_kind", "收款人类别", "/payee/kind"),
    column("payee_name", "收款人", "/payee/name"),
    column("payee_id_number", "收款人身份证号", "/payee/id_number"),
    column("payee_account_number", "收款账号", "/payee/account_number"),
    column("payee_bank", "开户行", "/payee/bank"),
];
const AID_APPLICATIONS: &[Column] = &[
    column("aid_id", "申请", "/id"),
    column("number", "编号", "/number"),
    column("file_id", "档案", "/file_id"),
    column("member_id", "会员编号", "/member_id"),
    column("organization_id", "所属工会", "/organization_id"),
    column("kind", "项目", "/kind"),
    column("period", "期间", "/period"),
    column("status", "状态", "/status"),
    column("submitted_on", "提交日", "/submitted_on"),
    column("amount_fen", "申请金额（分）", "/amount_fen"),
    column("granted_fen", "批准金额（分）", "/granted_fen"),
    in_clear("need", "困难情况", "/need"),
    column("payee_kind", "收款人类别", "/payee/kind"),
    column("payee_name", "收款人", "/payee/name"),
    column("payee_id_number", "收款人身份证号", "/payee/id_number"),
    column("payee_account_number", "收款账号", "/payee/account_number"),
    column("payee_bank", "开户行", "/payee/bank"),
];
const PAYMENTS: &[Column] = &[
    column("payment_id", "发放", "/id"),
    column("organization_id", "所属工会", "/organization_id"),
    column("member_id", "会员编号", "/member_id"),
    column("claim_id", "大病慰问申请", "/claim_id"),
    column("aid_id", "救助申请", "/aid_id"),
    column("kind", "项目", "/kind"),
    column("amount_fen", "金额（分）", "/amount_fen"),
    column("status", "状态", "/status"),
    column("approved_on", "批准日", "/approved_on"),
    column("paid_on", "支付日", "/paid_on"),
    column("method", "方式", "/method"),
    column("reference", "流水号", "/reference"),
    column("fail_reason", "失败原因", "/fail_reason"),
    column("payee_kind", "收款人类别", "/payee/kind"),
    column("payee_name", "收款人", "/payee/name"),
    column("payee_id_number", "收款人身份证号", "/payee/id_number"),
    column("payee_account_number", "收款账号", "/payee/account_number"),
    column("payee_bank", "开户行", "/payee/bank"),
];

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

    /// Its columns, masked or in clear.
    pub fn columns(self, clear: bool) -> impl Iterator<Item = &'static Column> {
        let all = match self {
            Self::Members => MEMBERS,
            Self::Files => FILES,
            Self::Actions => ACTIONS,
            Self::IllnessClaims => ILLNESS_CLAIMS,
            Self::AidApplications => AID_APPLICATIONS,
            Self::Payments => PAYMENTS,
        };
        all.iter().filter(move |column| clear || !column.clear)
    }

    /// Whether anything in it is masked.
    pub fn masks(self) -> bool {
        !matches!(self, Self::Files | Self::Actions)
    }
}

/// A row of a list: what the list shows of it.
pub struct Row {
    shown: Value,
}

impl Row {
    /// Every row that leaves goes through here, with the member whom it is about.
    fn of(member_id: MemberId, shown: &impl serde::Serialize) -> Result<Self> {
        let mut shown = serde_json::to_value(shown).map_err(Error::internal)?;
        shown["member_id"] = Value::String(member_id.to_string());
        Ok(Self { shown })
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
