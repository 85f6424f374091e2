//! The rules of the union tree (1). Values in, verdict out.

use super::Organization;
use crate::error::{Error, Result};
use crate::{say, text_enum};

text_enum! {
    /// Kind of a unit (1).
    #[schema(as = OrganizationKind)]
    pub enum Kind {
        /// 市总工会.
        City = "city",
        /// 区总工会.
        District = "district",
        /// 县（市）总工会.
        County = "county",
        /// 开发区、集中区工会.
        DevelopmentZone = "development_zone",
        /// 系统工会.
        System = "system",
        /// 行业工会联合会.
        IndustryFederation = "industry_federation",
        /// 直属企业工会.
        DirectEnterprise = "direct_enterprise",
        /// 驻芜单位工会.
        ResidentUnit = "resident_unit",
        /// 乡镇、街道工会.
        TownStreet = "town_street",
        /// 基层工会.
        Basic = "basic",
    }
}
text_enum! {
    /// Whether a unit is open.
    #[schema(as = OrganizationStatus)]
    pub enum Status {
        /// Open.
        Active = "active",
        /// Closed for good.
        Closed = "closed",
    }
}

/// What is still open in and below a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenBelow {
    /// Units directly below.
    pub units: i64,
    /// Accounts.
    pub users: i64,
    /// Files that have not ended.
    pub files: i64,
    /// Claims that are not decided or not paid.
    pub claims: i64,
}

/// A closed unit or a basic union has nothing below it.
pub fn may_have_children(parent: &Organization) -> Result<()> {
    match (parent.status, parent.kind) {
        (Status::Closed, _) => Err(Error::refused(
            "closed",
            say!("上级单位已关闭", "the unit above is closed"),
        )),
        (_, Kind::Basic) => Err(Error::refused(
            "basic_union",
            say!("基层工会之下不设单位", "a basic union has no units below it"),
        )),
        _ => Ok(()),
    }
}

/// Only an open unit below the root moves, and never below itself.
pub fn may_move(unit: &Organization, parent: &Organization) -> Result<()> {
    still_open(unit)?;
    if unit.parent_id.is_none() {
        return Err(Error::refused(
            "root",
            say!("根单位不能移动", "the root can't be moved"),
        ));
    }
    if parent.path.starts_with(&unit.path) {
        return Err(Error::refused(
            "cycle",
            say!("不能移到自身之下", "a unit can't be moved below itself"),
        ));
    }
    may_have_children(parent)
}

/// A closed unit stays as it is.
pub fn still_open(unit: &Organization) -> Result<()> {
    if unit.status == Status::Closed {
        return Err(Error::refused(
            "closed",
            say!("该单位已关闭", "the unit is closed already"),
        ));
    }
    Ok(())
}

/// A unit closes when nothing is open in or below it.
pub fn may_close(unit: &Organization, open: OpenBelow) -> Result<()> {
    still_open(unit)?;
    let OpenBelow {
        units,
        users,
        files,
        claims,
    } = open;
    if units + users + files + claims != 0 {
        let detail = say!(
            "尚有下级单位 {units} 个、账号 {users} 个、未结档案 {files} 份、未结慰问申请 {claims} 份",
            "still open: {units} units, {users} accounts, {files} files, {claims} claims"
        );
        return Err(Error::refused("not_empty", detail));
    }
    Ok(())
}

/// A region is written as its six digits (2).
pub fn region(code: Option<&str>) -> Result<()> {
    match code {
        Some(code) if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) => Err(Error::invalid(
            "/region_code",
            "invalid_region_code",
            say!("须为 6 位行政区划代码", "must be a region code of 6 digits"),
        )),
        _ => Ok(()),
    }
}

/// The tree has one root.
pub fn second_root() -> Error {
    Error::invalid(
        "/parent_id",
        "required",
        say!(
            "根单位已存在，须指明上级",
            "the tree has its root: name the unit above"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::{Id, Timestamp};

    fn unit(path: &str, kind: Kind, parent: bool) -> Organization {
        let id = Id::new(Timestamp::now());
        let parent_id = parent.then_some(id);
        Organization {
            id,
            parent_id,
            kind,
            name: "n".into(),
            code: "c".into(),
            region_code: None,
            status: Status::Active,
            path: path.into(),
            version: 1,
        }
    }

    #[test]
    fn a_unit_never_moves_below_itself_nor_below_a_basic_union() {
        let district = unit("/r/d/", Kind::District, true);
        assert!(may_move(&district, &unit("/r/c/", Kind::County, true)).is_ok());
        assert!(may_move(&district, &unit("/r/d/t/", Kind::TownStreet, true)).is_err());
        assert!(may_move(&district, &unit("/r/b/", Kind::Basic, true)).is_err());
        assert!(may_move(&unit("/r/", Kind::City, false), &district).is_err());
    }

    #[test]
    fn a_unit_closes_only_when_it_is_empty() {
        let basic = unit("/r/b/", Kind::Basic, true);
        let open = |units, users, files, claims| OpenBelow {
            units,
            users,
            files,
            claims,
        };
        assert!(may_close(&basic, open(0, 0, 0, 0)).is_ok());
        for something in [
            open(1, 0, 0, 0),
            open(0, 1, 0, 0),
            open(0, 0, 1, 0),
            open(0, 0, 0, 1),
        ] {
            assert!(may_close(&basic, something).is_err());
        }
    }
}
