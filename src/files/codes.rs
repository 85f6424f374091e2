//! The codes of a hardship file.

use crate::text_enum;

text_enum! {
    /// Category of hardship, within a scheme (11).
    pub enum Category {
        /// 深度困难.
        Deep = "deep",
        /// 相对困难.
        Relative = "relative",
        /// 意外致困.
        Accidental = "accidental",
        /// 低保户.
        Dibao = "dibao",
        /// 低保边缘户.
        DibaoMargin = "dibao_margin",
    }
}
text_enum! {
    /// Cause of hardship (21).
    pub enum Cause {
        /// 无劳动能力.
        NoCapacityToWork = "no_capacity_to_work",
        /// 有劳动能力而未就业.
        AbleButUnemployed = "able_but_unemployed",
        /// 下岗失业.
        LaidOff = "laid_off",
        /// 未参加社会保险.
        NotInSocialInsurance = "not_in_social_insurance",
        /// 社会保险待遇落实不到位.
        InsuranceBenefitsUnpaid = "insurance_benefits_unpaid",
        /// 患重特大疾病.
        MajorIllness = "major_illness",
        /// 遭受自然灾害.
        NaturalDisaster = "natural_disaster",
        /// 遭受意外事故.
        Accident = "accident",
        /// 子女上学.
        ChildrenSchooling = "children_schooling",
        /// 其他.
        Other = "other",
    }
}
text_enum! {
    /// Where a file stands.
    #[schema(as = FileStatus)]
    pub enum Status {
        /// Being written.
        Draft = "draft",
        /// Waits for review.
        Submitted = "submitted",
        /// Sent back to be corrected.
        Returned = "returned",
        /// Refused for good.
        Rejected = "rejected",
        /// Taken back.
        Withdrawn = "withdrawn",
        /// Approved: the household is looked after.
        OnFile = "on_file",
        /// 脱困 (40).
        Exited = "exited",
        /// 解困 (41).
        Relieved = "relieved",
        /// 注销 (45).
        Deregistered = "deregistered",
    }
}
text_enum! {
    /// How a file on file ends.
    pub enum Ending {
        /// 脱困 (40).
        Exited = "exited",
        /// 解困 (41).
        Relieved = "relieved",
        /// 注销 (45).
        Deregistered = "deregistered",
    }
}
text_enum! {
    /// Why a file or claim goes back (33).
    pub enum ReturnReason {
        /// Something is missing.
        MissingMaterial = "missing_material",
        /// Something is wrong.
        WrongData = "wrong_data",
        /// Something can't be verified.
        NotVerified = "not_verified",
        /// Says the comment.
        Other = "other",
    }
}
text_enum! {
    /// Why a file is refused.
    #[schema(as = FileRejectReason)]
    pub enum RejectReason {
        /// Not in hardship by the rules.
        NotEligible = "not_eligible",
        /// Excluded by a rule (19).
        Excluded = "excluded",
        /// On file already.
        Duplicate = "duplicate",
        /// Something was made up.
        FalseInformation = "false_information",
        /// Says the comment.
        Other = "other",
    }
}
text_enum! {
    /// Why a file ends (40, 41, 45).
    #[schema(as = FileCloseReason)]
    pub enum CloseReason {
        /// Exited: out of hardship.
        OutOfHardship = "out_of_hardship",
        /// Relieved with support.
        Relieved = "relieved",
        /// Deregistered: the worker died.
        Death = "death",
        /// Deregistered: retired.
        Retired = "retired",
        /// Deregistered: transferred away.
        TransferredAway = "transferred_away",
        /// Deregistered: merged into another file.
        MergedDuplicate = "merged_duplicate",
        /// Deregistered: something was made up.
        FalseInformation = "false_information",
        /// Deregistered: on the worker's own wish.
        Voluntary = "voluntary",
        /// Says the comment.
        Other = "other",
    }
}
