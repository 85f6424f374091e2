//! The forms of a file (DOMAIN 1.6): what is asked of the household and of each of its people.

use crate::form;
use crate::input::form::{Field, Kind};

/// What a field of the forms is called, in Chinese.
pub fn label(name: &str) -> Option<&'static str> {
    let field = PROFILE.iter().chain(PERSON).find(|field| field.name == name)?;
    field.help.split(" · ").next()
}

/// What is asked once for the household. Income is not here: it is derived from its items, never typed (16).
pub const PROFILE: &[Field] = &[
    Field::new("address", Kind::Line, "家庭住址 · home address")
        .starred()
        .secret(),
    Field::new(
        "registered_region",
        Kind::Line,
        "户口所在地行政区划 · region of the household registration",
    )
    .starred(),
    Field::new("postcode", Kind::Line, "邮编 · postcode"),
    Field::new(
        "other_contact",
        Kind::Line,
        "其他联系方式 · another way to reach the household",
    )
    .secret(),
    Field::new("housing", Kind::Code("housing"), "住房类型 · housing").starred(),
    Field::new("floor_area", Kind::Code("floor_area"), "建筑面积 · floor area"),
    Field::new("single_parent", Kind::Flag, "是否单亲 · a single parent").starred(),
    Field::new(
        "self_help",
        Kind::Flag,
        "是否有一定自救能力 · able to help itself",
    ),
    Field::new(
        "without_employment",
        Kind::Flag,
        "是否零就业家庭 · nobody is employed",
    ),
    Field::new("bank", Kind::Line, "开户银行 · bank"),
    Field::new("branch", Kind::Line, "支行名称 · branch"),
    Field::new("account_number", Kind::Account, "银行卡号 · account number").secret(),
    Field::new("remarks", Kind::Lines, "备注 · remarks").secret(),
];

/// What is asked of each person.
pub const PERSON: &[Field] = &[
    Field::new("ethnicity", Kind::Code("ethnicity"), "民族 · ethnicity").starred(),
    Field::new(
        "political_status",
        Kind::Code("political_status"),
        "政治面貌 · political status",
    ),
    Field::new("health", Kind::Code("health"), "健康状况 · health").starred(),
    Field::new("illness", Kind::Line, "疾病类别 · illness").secret(),
    Field::new(
        "disability_kind",
        Kind::Code("disability_kind"),
        "残疾类别 · kind of disability",
    ),
    Field::new(
        "disability_grade",
        Kind::Code("disability_grade"),
        "残疾等级 · grade of disability",
    ),
    Field::new(
        "marital_status",
        Kind::Code("marital_status"),
        "婚姻状况 · marital status",
    )
    .starred(),
    Field::new(
        "registration",
        Kind::Code("registration"),
        "户口类型 · kind of registration",
    )
    .starred(),
    Field::new(
        "medical_insurance",
        Kind::Code("medical_insurance"),
        "医保状况 · medical insurance",
    )
    .starred(),
    Field::new(
        "model_worker",
        Kind::Code("model_worker"),
        "劳模类型 · model worker",
    )
    .starred(),
    Field::new(
        "person_status",
        Kind::Code("person_status"),
        "人员身份 · what the person is",
    )
    .starred(),
    Field::new(
        "work_status",
        Kind::Code("work_status"),
        "工作状态 · status at work",
    ),
    Field::new("phone", Kind::Phone, "手机号码 · mobile phone").secret(),
    Field::new("education", Kind::Code("education"), "当前学历 · education"),
    Field::new("enrolled_on", Kind::Day, "入学日期 · enrolled on"),
    Field::new("workplace", Kind::Line, "单位或学校 · employer or school"),
    Field::new(
        "employer_kind",
        Kind::Code("employer_kind"),
        "单位性质 · kind of employer",
    ),
    Field::new(
        "employer_state",
        Kind::Code("employer_state"),
        "企业状况 · state of the employer",
    ),
    Field::new("industry", Kind::Code("industry"), "所属行业 · industry"),
    Field::new("work_began_on", Kind::Day, "工作时间 · began to work on"),
    Field::new("contract_from", Kind::Day, "劳动合同签订时间 · contract from"),
    Field::new("contract_to", Kind::Day, "劳动合同期限 · contract until"),
    Field::new("remarks", Kind::Lines, "备注 · remarks").secret(),
];

form!(
    /// What the form says of a household; a null empties a field.
    ProfileForm of PROFILE
);
form!(
    /// What the form says of a person; a null empties a field.
    PersonForm of PERSON
);
