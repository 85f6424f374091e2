//! The rules of the register. Values in, verdict out.

use super::Member;
use crate::db::types::Date;
use crate::error::{Error, Result};
use crate::input::normal_number;
use crate::{say, text_enum};

text_enum! {
    /// What a member is to the union.
    #[schema(as = MemberStatus)]
    pub enum Status {
        /// 在职.
        Serving = "serving",
        /// 退休.
        Retired = "retired",
        /// 离会.
        Left = "left",
        /// 亡故.
        Deceased = "deceased",
    }
}
text_enum! {
    /// The eight groups of workers in new forms of employment (84).
    #[schema(as = MemberGroup)]
    pub enum Group {
        /// 货车司机.
        TruckDriver = "truck_driver",
        /// 快递员.
        Courier = "courier",
        /// 护工护理员.
        CareWorker = "care_worker",
        /// 家政服务员.
        DomesticWorker = "domestic_worker",
        /// 商场信息员.
        MallInformation = "mall_information",
        /// 网约送餐员.
        DeliveryRider = "delivery_rider",
        /// 房产中介员.
        RealEstateAgent = "real_estate_agent",
        /// 保安员.
        SecurityGuard = "security_guard",
    }
}
text_enum! {
    /// A personal value that can be shown in clear (87).
    pub enum PersonalField {
        /// 身份证号.
        IdNumber = "id_number",
        /// 手机号码.
        Phone = "phone",
    }
}

/// Refuses a day, read at `pointer`, that is still to come or lies before `first`.
pub fn within(day: Date, first: Date, today: Date, pointer: &str) -> Result<()> {
    if day > today {
        return Err(Error::invalid(
            pointer,
            "in_future",
            say!("不能晚于今天", "must not be in the future"),
        ));
    }
    if day < first {
        return Err(Error::invalid(
            pointer,
            "too_early",
            say!("不能早于 {first}", "must not be before {first}"),
        ));
    }
    Ok(())
}

/// Whether a member was serving on a day (59), by the dated statuses: the latest that is not after the day counts,
/// of those of one day the one recorded last. `history` is in the order in which it was recorded.
pub fn serving_on(joined_on: Date, history: &[(Date, Status)], day: Date) -> bool {
    joined_on <= day && status_on(history, day) == Some(Status::Serving)
}

/// The status on a day; `None` before the first.
pub fn status_on(history: &[(Date, Status)], day: Date) -> Option<Status> {
    let so_far = history.iter().filter(|(from, _)| *from <= day);
    // of equal days `max_by_key` takes the last
    so_far.max_by_key(|(from, _)| *from).map(|(_, status)| *status)
}

/// A reason stays in the log for ever, so it may not hold the name of the member it is about.
pub fn without_name(reason: &str, name: &str, pointer: &str) -> Result<()> {
    let name = normal_number(name);
    if name.chars().count() < 2 || !normal_number(reason).contains(&name) {
        return Ok(());
    }
    let detail = say!(
        "理由会永久留在日志中，请勿写入姓名",
        "the reason stays in the log for ever: leave out the name"
    );
    Err(Error::invalid(pointer, "personal_data", detail))
}

/// A transfer goes somewhere else.
pub fn may_transfer(member: &Member, to: crate::organizations::OrganizationId) -> Result<()> {
    if member.organization_id == to {
        return Err(Error::refused(
            "same_organization",
            say!("会员已在该单位", "the member belongs to this unit already"),
        ));
    }
    Ok(())
}

/// A record is merged once, into another that is in use.
pub fn may_merge(member: &Member, kept: &Member) -> Result<()> {
    if member.id == kept.id {
        let detail = say!("不能并入自身", "a record is not merged into itself");
        return Err(Error::invalid("/into", "does_not_fit", detail));
    }
    if member.merged_into.is_some() || kept.merged_into.is_some() {
        let detail = say!("记录已被合并", "one of the records is merged already");
        return Err(Error::refused("merged", detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(n: u32) -> Date {
        Date::from_ymd_opt(2020, 1, 1).unwrap() + chrono::Days::new(n.into())
    }

    #[test]
    fn the_latest_status_counts_from_its_own_day_on() {
        let history = [
            (day(0), Status::Serving),
            (day(10), Status::Retired),
            (day(10), Status::Left),
            (day(5), Status::Retired),
        ];
        let on = |n| status_on(&history, day(n));
        assert_eq!(on(4), Some(Status::Serving));
        assert_eq!(on(5), Some(Status::Retired));
        assert_eq!(on(10), Some(Status::Left));
        assert!(serving_on(day(0), &history, day(4)));
        assert!(!serving_on(day(3), &history, day(2)));
        assert!(!serving_on(day(0), &history, day(5)));
        assert_eq!(status_on(&history[1..2], day(0)), None);
    }

    proptest! {
        #[test]
        fn a_later_fact_never_changes_the_days_before_it(days in proptest::collection::vec(0u32..50, 1..8), late in 0u32..50, asked in 0u32..50) {
            let mut history: Vec<_> = days.iter().map(|n| (day(*n), Status::Serving)).collect();
            let before = status_on(&history, day(asked));
            history.push((day(late), Status::Deceased));
            if asked < late {
                prop_assert_eq!(status_on(&history, day(asked)), before);
            }
        }
    }
}
