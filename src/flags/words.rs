//! What each standing query is called, why it matters, and what its evidence says, in both languages.

use super::{Code, Severity};
use crate::error::Message;
use crate::{say, text_enum};

text_enum! {
    /// A field of the evidence.
    pub enum Column {
        /// 本辖区内的其他发放.
        OtherPaymentIds = "other_payment_ids",
        /// 涉及的其他发放数.
        Others = "others",
        /// 已批金额.
        GrantedFen = "granted_fen",
        /// 上限.
        LimitFen = "limit_fen",
        /// 建档日.
        OpenedOn = "opened_on",
        /// 退出日.
        ClosedOn = "closed_on",
        /// 亡故日.
        DiedOn = "died_on",
        /// 经办账号.
        UserIds = "user_ids",
        /// 审批时间.
        ApprovedAt = "approved_at",
        /// 非工作时间.
        OffHours = "off_hours",
        /// 预算项目.
        BudgetLineId = "budget_line_id",
        /// 会员.
        MemberId = "member_id",
        /// 档案.
        FileId = "file_id",
        /// 批准日.
        ApprovedOn = "approved_on",
        /// 支付日.
        PaidOn = "paid_on",
    }
}

impl Column {
    /// Its name for people.
    pub fn title(self) -> Message {
        match self {
            Self::OtherPaymentIds => say!("本辖区内的其他发放", "other payments in your units"),
            Self::Others => say!("涉及的其他发放数", "other payments concerned"),
            Self::GrantedFen => say!("已批金额（分）", "granted, in fen"),
            Self::LimitFen => say!("上限（分）", "limit, in fen"),
            Self::OpenedOn => say!("建档日", "on file since"),
            Self::ClosedOn => say!("退出日", "off file since"),
            Self::DiedOn => say!("亡故日", "day of death"),
            Self::UserIds => say!("经办账号", "accounts of those who did it"),
            Self::ApprovedAt => say!("审批时间", "approved at"),
            Self::OffHours => say!("非工作时间", "outside office hours"),
            Self::BudgetLineId => say!("预算项目", "budget line"),
            Self::MemberId => say!("会员", "member"),
            Self::FileId => say!("档案", "file"),
            Self::ApprovedOn => say!("批准日", "approved on"),
            Self::PaidOn => say!("支付日", "paid on"),
        }
    }
}

/// What a query says of itself.
pub struct Words {
    /// What it means that it finds something.
    pub severity: Severity,
    /// Its name.
    pub title: Message,
    /// Why it matters.
    pub why: Message,
    /// What to look at in the evidence.
    pub columns: &'static [Column],
}

impl Code {
    /// What the query says of itself.
    pub fn words(self) -> Words {
        let (severity, title, why) = self.told();
        Words {
            severity,
            title,
            why,
            columns: self.columns(),
        }
    }

    fn columns(self) -> &'static [Column] {
        use Column::*;
        match self {
            Self::DuplicatePayee => &[PaidOn, Others, OtherPaymentIds],
            Self::OverCap => &[MemberId, GrantedFen, LimitFen],
            Self::BeforeFile => &[FileId, OpenedOn, ApprovedOn],
            Self::AfterDeathOrExit => &[MemberId, DiedOn, FileId, ClosedOn, PaidOn],
            Self::SharedCard | Self::SharedPhone => &[Others, OtherPaymentIds],
            Self::SelfApproved => &[UserIds],
            Self::VisitorApproved => &[MemberId, FileId, UserIds],
            Self::SplitGrants => &[LimitFen, GrantedFen, Others, OtherPaymentIds],
            Self::OffHours => &[ApprovedAt, OffHours, UserIds],
            Self::OutsidePurpose => &[BudgetLineId, FileId],
        }
    }

    fn told(self) -> (Severity, Message, Message) {
        use Severity::*;
        match self {
            Self::DuplicatePayee => (
                Suspicion,
                say!("重复领取", "duplicate payee"),
                say!(
                    "同一收款人就同一项目在同一年度或期间领款不止一次：可能重复救助，也可能替多名家人代领，须核对",
                    "One payee got money of one kind more than once for the same year or period: helped twice, or paid for several of a family"
                ),
            ),
            Self::OverCap => (
                Breach,
                say!("超上限", "over the limit"),
                say!(
                    "同户同生当年已批金额超过上限，或同一人当年大病慰问不止一次（合并档案后才显现的也在内）",
                    "More was granted than the limit of the year, or one person got a second condolence, also when that shows only after records are merged"
                ),
            ),
            Self::BeforeFile => (
                Breach,
                say!("先救助后建档", "aid before the file"),
                say!(
                    "该项目须先建档，而批准日早于建档日或没有档案",
                    "The kind asks for a file, and there was none on the day of the approval"
                ),
            ),
            Self::AfterDeathOrExit => (
                Suspicion,
                say!("亡故或退出后发放", "paid after death or exit"),
                say!(
                    "付款日会员已亡故而收款人仍是本人，或档案已退出：冒领，或信息登记滞后",
                    "The member had died and is the payee, or the file had ended: somebody else drew it, or the register is late"
                ),
            ),
            Self::SharedCard => (
                Suspicion,
                say!("多人共用账户", "shared account"),
                say!(
                    "不同收款人的款项进入同一账户：账户应为收款人本人所有",
                    "Money for different payees goes to one account; an account should be the payee's own"
                ),
            ),
            Self::SharedPhone => (
                Hint,
                say!("多人共用电话", "shared phone"),
                say!(
                    "不同收款人登记同一电话：可能同住，也可能由一人冒名申请",
                    "Different payees gave one phone number: a household, or one person behind several names"
                ),
            ),
            Self::SelfApproved => (
                Breach,
                say!("自办自批", "self-approved"),
                say!(
                    "登记、核实、审批、支付中有两步为同一人，或经办人就是收款人",
                    "Two of recording, verifying, approving and paying were done by one person, or the payee took part"
                ),
            ),
            Self::VisitorApproved => (
                Suspicion,
                say!("入户人即审批人", "visitor and approver are one"),
                say!(
                    "为该户建档入户调查的人又批准了对该户的款项，缺少独立判断",
                    "Who visited the household for its file also approved its money: nobody else has judged"
                ),
            ),
            Self::SplitGrants => (
                Suspicion,
                say!("化整为零", "split just under a limit"),
                say!(
                    "短期内同一人同一项目多笔金额都略低于限额：可能拆分以避开限额",
                    "Several grants of one kind to one person within days, each just under a limit: split to stay below it"
                ),
            ),
            Self::OffHours => (
                Hint,
                say!("非工作时间审批", "approved outside office hours"),
                say!(
                    "在休息日或夜间批准：可能借用他人账号或突击审批",
                    "Approved on a day off or at night: another's account was used, or approvals were rushed"
                ),
            ),
            Self::OutsidePurpose => (
                Breach,
                say!("资金用途不符", "outside the fund's purpose"),
                say!(
                    "预算项目与发放项目不同，或中央、省级资金用于层级不够的档案",
                    "The budget line is for another kind, or central or provincial money went to a file of a weaker standard"
                ),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_says_in_both_languages_what_it_is_and_why_it_matters() {
        for code in Code::ALL {
            let words = code.words();
            for message in [&words.title, &words.why] {
                assert!(!message.zh.is_empty() && !message.en.is_empty(), "{code}");
            }
            assert!(!words.columns.is_empty(), "{code}");
        }
    }
}
