//! The columns of an export: what stands here leaves, and nothing else.

use super::lists::List;

/// A column of an export.
pub struct Column {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Where it stands in what the list shows.
    pub at: &'static str,
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
}
