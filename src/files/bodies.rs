//! What is sent about hardship files.

use super::{Category, Cause, FileId, Level, Scheme};
use crate::members::MemberId;
use crate::organizations::OrganizationId;
use crate::{changes, input};

input! {
    /// A file to open.
    pub struct NewFile {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<FileId>,
        /// The worker.
        #[schema(value_type = String, format = "uuid")]
        pub member_id: MemberId,
        /// The unit that keeps it; default the member's.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub organization_id: Option<OrganizationId>,
        /// The taxonomy; the policy says which are in use (11).
        pub scheme: Scheme,
        /// A category of the scheme.
        pub category: Category,
        /// By whose standard (23).
        pub level: Level,
        /// The one main cause (21).
        pub primary_cause: Cause,
        /// Up to three others.
        #[schema(required = false, max_items = 3)]
        pub secondary_causes: Vec<Cause>,
    }
}

changes! {
    /// Changes of a file.
    pub struct FileChange {
        /// The taxonomy.
        pub scheme: Scheme,
        /// A category of the scheme.
        pub category: Category,
        /// By whose standard.
        pub level: Level,
        /// The one main cause.
        pub primary_cause: Cause,
        /// Up to three others.
        #[schema(max_items = 3)]
        pub secondary_causes: Vec<Cause>,
    }
}
