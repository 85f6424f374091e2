//! What kind of look an event was, by the name of its action.

use crate::text_enum;

text_enum! {
    /// What somebody did with what an event is about.
    #[schema(as = AuditLook)]
    pub enum Look {
        /// Saw it in clear, or as it was on a day gone by.
        Seen = "seen",
        /// Changed it.
        Changed = "changed",
        /// Made or fetched a file with it.
        Exported = "exported",
        /// Printed it.
        Printed = "printed",
        /// Searched for it by a number or a name.
        Searched = "searched",
        /// Read about it in the log.
        Audited = "audited",
        /// Signed in or out, or was refused.
        SignedIn = "signed_in",
    }
}

/// The actions that change nothing. A new one that shows, exports, prints or searches is named here.
const LOOKS: &[(Look, &[&str])] = &[
    (
        Look::Seen,
        &[
            "access_report.read",
            "aid.attachment_opened",
            "claim.attachment_opened",
            "file.attachment_opened",
            "file.past_read",
            "file.sealed_read",
            "file.unsealed",
            "household.revealed",
            "member.revealed",
            "payment.attachment_opened",
        ],
    ),
    (
        Look::Exported,
        &[
            "batch.downloaded",
            "batch.exported",
            "evidence.exported",
            "export.download_begun",
            "export.downloaded",
            "export.page_downloaded",
            "insurance_list.downloaded",
            "insurance_list.sent",
        ],
    ),
    (
        Look::Printed,
        &[
            "access_report.printed",
            "evidence.printed",
            "pay_list.printed",
            "voucher.printed",
        ],
    ),
    (Look::Searched, &["duplicate.searched", "member.searched"]),
    (Look::Audited, &["audit.read", "audit.value_checked"]),
    (
        Look::SignedIn,
        &[
            "access.refused",
            "account.locked",
            "session.ended",
            "session.refused",
            "session.reuse_detected",
            "session.started",
        ],
    ),
];

impl Look {
    /// What an action was.
    pub fn of(action: &str) -> Self {
        let named = LOOKS.iter().find(|(_, actions)| actions.contains(&action));
        named.map_or(Self::Changed, |(look, _)| *look)
    }

    /// Every action that changes nothing.
    pub fn harmless() -> impl Iterator<Item = &'static str> {
        LOOKS.iter().flat_map(|(_, actions)| actions.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_a_change() {
        assert_eq!(Look::of("file.approved"), Look::Changed);
        assert_eq!(Look::of("member.revealed"), Look::Seen);
        assert_eq!(Look::of("batch.exported"), Look::Exported);
    }

    #[test]
    fn an_action_is_of_one_kind() {
        let mut all: Vec<_> = Look::harmless().collect();
        let named = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), named);
    }
}
