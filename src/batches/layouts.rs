//! How the files of banks look: rows that are never changed, only followed by a later revision.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::audit::Event;
use crate::auth::Scope;
use crate::bank::Layout;
use crate::db::schema::bank_layouts;
use crate::db::types::{Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::input;
use crate::input::{Name, Text};
use crate::users::UserId;

/// The id of a layout.
pub type LayoutId = Id<Kept>;

/// A layout, as kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = bank_layouts)]
pub struct Kept {
    /// Its id.
    pub id: LayoutId,
    /// The bank's code.
    pub code: String,
    /// The how-manieth of the bank.
    pub revision: i32,
    /// Its name.
    pub name: String,
    /// [`Layout`], as JSON.
    pub layout: String,
    /// Who gave it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

input! {
    /// A layout of a bank; of a known code it is the next revision.
    #[schema(as = NewBankLayout)]
    pub struct NewLayout {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<LayoutId>,
        /// The bank's code.
        #[schema(value_type = String, example = "hsb", max_length = 40)]
        pub code: Text<40>,
        /// Its name.
        #[schema(value_type = String, example = "徽商银行代发文件", max_length = 100)]
        pub name: Name,
        /// How its files look.
        pub layout: Layout,
    }
}

/// A layout as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = BankLayout)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: LayoutId,
    /// The bank's code.
    #[schema(example = "utf8")]
    code: String,
    /// The how-manieth of the bank.
    revision: i32,
    /// Its name.
    #[schema(example = "通用代发文件（UTF-8）")]
    name: String,
    /// How its files look.
    layout: Layout,
    /// When it was given.
    created_at: Timestamp,
}

impl Shown {
    /// Opens what is kept.
    pub(super) fn of(kept: Kept) -> Result<Self> {
        Ok(Self {
            layout: kept.layout()?,
            id: kept.id,
            code: kept.code,
            revision: kept.revision,
            name: kept.name,
            created_at: kept.created_at,
        })
    }
}

impl Kept {
    /// How the files look.
    pub(super) fn layout(&self) -> Result<Layout> {
        Layout::from_json(&self.layout).ok_or_else(|| Error::internal("a bank layout can't be read"))
    }
}

/// Keeps a layout, at the root.
pub(super) fn keep(tx: &mut Tx, id: LayoutId, new: NewLayout) -> Result<Kept> {
    if tx.actor.scope != Scope::All {
        return Err(Error::Forbidden);
    }
    let faults = new.layout.faults();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let code = String::from(new.code);
    let kept = Kept {
        id,
        revision: store::last_revision(tx, &code)? + 1,
        code,
        name: new.name.into(),
        layout: serde_json::to_string(&new.layout).map_err(|e| Error::internal(e.to_string()))?,
        created_by: Some(tx.actor.user()?),
        created_at: tx.now,
    };
    store::insert_layout(tx, &kept)?;
    Event::of("bank_layout.kept", "bank_layout", id)
        .field("code", &kept.code)
        .field("revision", &kept.revision)
        .record(tx)?;
    Ok(kept)
}

/// A layout that a body names, else 422.
pub(super) fn referred(rx: &mut Rx, id: LayoutId) -> Result<Kept> {
    store::layout(rx, id)?.ok_or_else(|| Error::unknown_reference("/layout_id"))
}
