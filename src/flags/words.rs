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
        /// 公示首日.
        NoticeFrom = "notice_from",
        /// 公示末日.
        NoticeUntil = "notice_until",
        /// 纸质档案同步期限.
        PaperDueOn = "paper_due_on",
        /// 项目.
        Kind = "kind",
        /// 笔数.
        Cases = "cases",
        /// 整百元占比.
        HundredsPercent = "hundreds_percent",
        /// 整千元占比.
        ThousandsPercent = "thousands_percent",
        /// 卡方值.
        ChiSquareMilli = "chi_square_milli",
        /// 偏离最大的首位数字.
        Digit = "digit",
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
            Self::NoticeFrom => say!("公示首日", "first day of the notice"),
            Self::NoticeUntil => say!("公示末日", "last day of the notice"),
            Self::PaperDueOn => say!("纸质档案同步期限", "paper due on"),
            Self::Kind => say!("项目", "kind of aid"),
            Self::Cases => say!("笔数", "amounts"),
            Self::HundredsPercent => say!("整百元占比（%）", "whole hundreds of yuan, in a hundred"),
            Self::ThousandsPercent => say!("整千元占比（%）", "whole thousands of yuan, in a hundred"),
            Self::ChiSquareMilli => say!("卡方值（千分之一）", "chi-square, in thousandths"),
            Self::Digit => say!("偏离最大的首位数字", "first digit that departs most"),
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

    pub(super) fn columns(self) -> &'static [Column] {
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
            Self::NoNotice => &[FileId, OpenedOn, NoticeFrom, UserIds],
            Self::BeforeNoticeEnd => &[FileId, OpenedOn, NoticeFrom, NoticeUntil, UserIds],
            Self::ContactIsRelative => &[FileId, MemberId, UserIds],
            Self::PaperLate => &[FileId, PaperDueOn],
            Self::RoundSums => &[Kind, Cases, HundredsPercent, ThousandsPercent],
            Self::Benford => &[Kind, Cases, ChiSquareMilli, Digit],
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
                    "为该户建档入户调查或此前进万家走访的人又批准了对该户的款项，缺少独立判断",
                    "Who visited the household for its file, or earlier in a campaign, also approved its money: nobody else has judged"
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
            Self::NoNotice => (
                Breach,
                say!("未经公示", "no public notice"),
                say!(
                    "按程序须公示的档案，审批当日之前没有公示：群众无从监督",
                    "The procedure asked for a public notice, and none was published before the day of the approval: nobody could object"
                ),
            ),
            Self::BeforeNoticeEnd => (
                Breach,
                say!("公示未满即批", "approved before the end of the notice"),
                say!(
                    "公示期满之前已批准建档：异议尚可提出",
                    "The file was approved while its notice still ran: objections could still be made"
                ),
            ),
            Self::ContactIsRelative => (
                Suspicion,
                say!("联系人即亲属", "contact is a relative"),
                say!(
                    "帮扶联系人是该户成员，或已申报该户成员为亲属，应当回避",
                    "The contact lives in the household, or has declared somebody in it as a relative, and should stand back"
                ),
            ),
            Self::PaperLate => (
                Suspicion,
                say!("纸质档案逾期未同步", "paper out of step"),
                say!(
                    "电子档案变更后，纸质档案逾期未核对一致：可能没有原始凭据",
                    "The file was changed, and its paper was not brought in step in time: there may be no papers behind the change"
                ),
            ),
            Self::RoundSums => (
                Hint,
                say!("提示：整数金额偏多", "hint: many round sums"),
                say!(
                    "仅为提示，不是疑点：该单位该项目的金额整百整千的比例高，可能按人头平均发放；固定标准、按档发放、取整规定都会如此，须结合依据看",
                    "Only a hint: the amounts of this unit and kind are round more often than usual, as when money is handed out evenly. There are many good reasons: fixed amounts, bands, rules that round"
                ),
            ),
            Self::Benford => (
                Hint,
                say!("提示：首位数字分布异常", "hint: unusual first digits"),
                say!(
                    "仅为提示，不是疑点：该单位该项目金额的首位数字与本福特定律不符，可能是编造的数；固定金额、上下限、金额范围窄等正当原因很多，须结合依据看",
                    "Only a hint: the first digits of the amounts of this unit and kind do not follow Benford's law, as invented numbers do not. There are many good reasons: fixed amounts, limits, a narrow range"
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
