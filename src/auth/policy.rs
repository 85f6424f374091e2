//! Who may do what: the whole policy on one page, for auditors to read and for the permission test to run.

use super::Role::{self, *};

/// Something a role may or may not do. [`super::May`] takes one as its parameter.
pub trait Permission: 'static {
    /// The name as it stands in tokens' scopes, in the OpenAPI document and in `/me`.
    const NAME: &'static str;
    /// The roles that have it.
    const ROLES: &'static [Role];
    /// Whether it is open while a first or expired password waits to be changed (rule 5).
    const WITH_OLD_PASSWORD: bool = false;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal: $($role:ident)+;)+) => {
        $(
            $(#[$doc])*
            pub struct $name;
            impl Permission for $name {
                const NAME: &'static str = $text;
                const ROLES: &'static [Role] = &[$($role),+];
            }
        )+
        /// Every permission with the roles that have it.
        pub const POLICY: &[(&str, &[Role])] = &[$(($text, <$name as Permission>::ROLES)),+];
    };
}

permissions! {
    /// See units of the own subtree.
    ReadOrganizations  = "organizations:read":  Caseworker Supervisor Finance Auditor GuestAuditor SystemAdmin SecurityAdmin Integration;
    /// Add, change, move and close units.
    WriteOrganizations = "organizations:write": SystemAdmin;
    /// See accounts.
    ReadUsers          = "users:read":          SystemAdmin SecurityAdmin;
    /// Open, change and disable accounts; reset passwords.
    WriteUsers         = "users:write":         SystemAdmin;
    /// Grant roles and unlock.
    GrantRoles         = "users:roles":         SecurityAdmin;
    /// See the dated rules.
    ReadPolicies       = "policies:read":       Caseworker Supervisor Finance Auditor GuestAuditor SystemAdmin SecurityAdmin Integration;
    /// See the code lists.
    ReadCodes          = "codes:read":          Caseworker Supervisor Finance Auditor GuestAuditor SystemAdmin SecurityAdmin Integration;
    /// Draft a dated rule.
    WritePolicies      = "policies:write":      SecurityAdmin;
    /// Put a dated rule in force: another person than its drafter, at the root.
    ApprovePolicies    = "policies:approve":    SecurityAdmin Supervisor;
    /// See and find members.
    ReadMembers        = "members:read":        Caseworker Supervisor Auditor GuestAuditor Integration;
    /// Register and change members.
    WriteMembers       = "members:write":       Caseworker Supervisor Integration;
    /// See one member's ID number or phone in clear, with a reason (rule 87).
    RevealMembers      = "members:reveal":      Caseworker Supervisor;
    /// Tell a person who asks who has seen their file (rule 47).
    ReportAccess       = "members:report_access": Caseworker Supervisor;
    /// Look for somebody in spite of scripts and slips.
    SearchDuplicates   = "duplicates:search":   Caseworker Supervisor Integration;
    /// See records that may be of one person.
    ReadDuplicates     = "duplicates:read":     Caseworker Supervisor Auditor GuestAuditor;
    /// Decide whether records are of one person, and merge them.
    DecideDuplicates   = "duplicates:decide":   Supervisor;
    /// See hardship files, their five ones and actions.
    ReadFiles          = "files:read":          Caseworker Supervisor Auditor GuestAuditor Integration;
    /// See one person's numbers and illness in a household in clear, with a reason (rule 87).
    RevealFiles        = "files:reveal":        Caseworker Supervisor;
    /// Open, change, submit and withdraw files.
    WriteFiles         = "files:write":         Caseworker Integration;
    /// Attach papers to files, and take them away again.
    AttachFiles        = "files:attach":        Caseworker Supervisor Integration;
    /// Record consents and their withdrawal (rule 88).
    RecordConsents     = "consents:write":      Caseworker Supervisor;
    /// Return, reject and approve files.
    ReviewFiles        = "files:review":        Supervisor;
    /// Judge a household's means (rules 11 to 19).
    AssessFiles        = "files:assess":        Caseworker Supervisor Integration;
    /// Set an exclusion aside, at the city (rule 19).
    OverrideExclusions = "files:override":      Supervisor;
    /// See whom a draft rule would put into another category.
    WhatIf             = "policies:what_if":    Supervisor;
    /// Review a file on file, once a year (rule 36).
    ReviewYearly       = "files:review_yearly": Caseworker Supervisor;
    /// Confirm that the paper of a file is in step (rule 38).
    ConfirmPaper       = "files:paper":         Caseworker Supervisor;
    /// Draw a sample of files (rule 37).
    DrawSpotChecks     = "spot_checks:draw":    Supervisor;
    /// Record temporary reliefs and keep the borderline register (rules 22, 49).
    WriteRegisters     = "registers:write":     Caseworker Integration;
    /// Make a file of a temporary relief (rule 49).
    ConvertReliefs     = "registers:convert":   Caseworker Supervisor;
    /// Cancel temporary reliefs, take people off the borderline register (rules 22, 49).
    DecideRegisters    = "registers:decide":    Supervisor;
    /// Make a questionnaire, at the root (rule 57).
    WriteQuestionnaires = "questionnaires:write": Supervisor;
    /// Record a home visit or a campaign visit (rules 27, 57).
    VisitFiles         = "files:visit":         Caseworker Supervisor;
    /// Review a file in its unit, check its means, review it above (rules 25, 29).
    VerifyFiles        = "files:verify":        Supervisor;
    /// Publish a file's notice (rule 30).
    PublishNotices     = "files:publicise":     Supervisor;
    /// Record an objection to a notice (rule 32).
    RecordObjections   = "objections:write":    Caseworker Supervisor;
    /// Decide an objection: another person than its recorder.
    DecideObjections   = "objections:decide":   Supervisor;
    /// Pair a file with its contact.
    PairFiles          = "files:pair":          Supervisor;
    /// Send files to another union and take them over (rule 48).
    TransferFiles      = "files:transfer":      Supervisor;
    /// Close and re-open files.
    CloseFiles         = "files:close":         Supervisor;
    /// Record a call after the end of a file (rule 44).
    RecordFollowUps    = "follow_ups:write":    Caseworker Supervisor;
    /// Record who looks into a file from outside (rule 47).
    RecordInspections  = "inspections:write":   Caseworker Supervisor;
    /// Grant or refuse an outside body a look into a file: another person than its recorder.
    DecideInspections  = "inspections:decide":  Supervisor;
    /// Record and void actions of the five ones.
    WriteActions       = "actions:write":       Caseworker Integration;
    /// See one's own open duties.
    ReadWorklist       = "worklist:read":       Caseworker Supervisor;
    /// Waive and reinstate duties.
    WaiveDuties        = "duties:waive":        Supervisor;
    /// See illness claims.
    ReadClaims         = "claims:read":         Caseworker Supervisor Finance Auditor GuestAuditor Integration;
    /// Lodge, change, submit and withdraw illness claims.
    WriteClaims        = "claims:write":        Caseworker Integration;
    /// Try the rule on a claim without storing it.
    AssessClaims       = "claims:assess":       Caseworker Supervisor Integration;
    /// Return, verify, approve and reject illness claims.
    ReviewClaims       = "claims:review":       Supervisor;
    /// Attach papers to illness claims, and take them away again (rule 65).
    AttachClaims       = "claims:attach":       Caseworker Supervisor Integration;
    /// See one paper of an illness claim, with a reason (rule 87).
    RevealClaims       = "claims:reveal":       Caseworker Supervisor;
    /// See applications for aid.
    ReadAid            = "aid:read":            Caseworker Supervisor Finance Auditor GuestAuditor Integration;
    /// Lodge, change, submit and withdraw applications for aid.
    WriteAid           = "aid:write":           Caseworker Integration;
    /// Try the rules on an application for aid without storing it.
    AssessAid          = "aid:assess":          Caseworker Supervisor Integration;
    /// Return, verify, approve and reject applications for aid.
    ReviewAid          = "aid:review":          Supervisor;
    /// Attach papers to applications for aid, and take them away again (rule 65).
    AttachAid          = "aid:attach":          Caseworker Supervisor Integration;
    /// See one paper of an application for aid, with a reason (rule 87).
    RevealAid          = "aid:reveal":          Caseworker Supervisor;
    /// See payments.
    ReadPayments       = "payments:read":       Caseworker Supervisor Finance Auditor GuestAuditor Integration;
    /// Pay, fail and re-issue payments.
    Pay                = "payments:pay":        Finance;
    /// Propose another account for a payment (rule 75).
    CorrectAccounts    = "payments:correct":    Caseworker;
    /// Confirm another account: not who proposed it, not the payer (rule 75).
    ConfirmAccounts    = "payments:confirm":    Supervisor;
    /// Attach signatures and proxies to payments, and take them away again (rule 74).
    AttachPayments     = "payments:attach":     Caseworker Finance;
    /// See one paper of a payment, with a reason (rule 87).
    RevealPayments     = "payments:reveal":     Finance Supervisor;
    /// See what is claimed back, and what came in of it.
    ReadRecoveries     = "recoveries:read":     Supervisor Finance Auditor GuestAuditor;
    /// Claim money back, withdraw that, write off what does not come in: two people (rule 78).
    ClaimBack          = "recoveries:write":    Supervisor;
    /// Book what people pay back, and correct a booking (rule 78).
    ReceiveRecoveries  = "recoveries:receive":  Finance;
    /// See batches, their lines and the layouts of banks.
    ReadBatches        = "batches:read":        Supervisor Finance Auditor GuestAuditor;
    /// Make, check, send, settle and close batches (rule 75).
    HandleBatches      = "batches:write":       Finance;
    /// Approve a batch: neither its maker nor its checker.
    ApproveBatches     = "batches:approve":     Supervisor;
    /// Give a bank a new layout, at the root.
    WriteLayouts       = "bank_layouts:write":  Supervisor;
    /// See funds, budget lines and the books.
    ReadFunds          = "funds:read":          Supervisor Finance Auditor GuestAuditor;
    /// Open a fund, book what it receives, correct a booking (rule 68).
    KeepFunds          = "funds:write":         Finance;
    /// Allot a fund's money to units and kinds of aid (rule 79).
    AllotFunds         = "funds:allot":         Supervisor;
    /// See insurance plans, lists, enrolments, claims and the coverage (rules 84, 85).
    ReadInsurance      = "insurance:read":      Caseworker Supervisor Finance Auditor GuestAuditor Integration;
    /// Make and submit insurance lists, read policy numbers back, end covers, record claims on insurances.
    WriteInsurance     = "insurance:write":     Caseworker Integration;
    /// Approve an insurance list: another person than who made it.
    ApproveInsurance   = "insurance:approve":   Supervisor;
    /// Give an insurance list up before it is sent.
    CancelInsurance    = "insurance:cancel":    Caseworker Supervisor;
    /// Send an insurance list to the insurer with its premium, a third person.
    SendInsurance      = "insurance:send":      Finance;
    /// Give an insurance plan another revision, at the root.
    WriteInsurancePlans = "insurance_plans:write": Supervisor;
    /// See audit tasks, findings and how far the audits of a year have come (rules 80, 81).
    ReadAuditTasks     = "audit_tasks:read":    Supervisor Auditor GuestAuditor;
    /// Plan, start and finish audits of the level below (rule 81).
    WriteAuditTasks    = "audit_tasks:write":   Auditor;
    /// Record what an audit found.
    RecordFindings     = "audit_findings:write": Auditor GuestAuditor;
    /// Answer for the own unit what an audit found.
    AnswerFindings     = "audit_findings:answer": Supervisor;
    /// Take an answer for good or not: another person than who recorded the finding.
    DecideFindings     = "audit_findings:decide": Auditor;
    /// Let a guest auditor look at one task for a time, and end that.
    InviteGuests       = "audit_guests:write":  Auditor;
    /// See who was let in as a guest auditor.
    ReadGuests         = "audit_guests:read":   Auditor;
    /// Draw samples that nobody could choose (rule 37).
    DrawSamples        = "audit_samples:write": Auditor;
    /// See samples.
    ReadSamples        = "audit_samples:read":  Auditor GuestAuditor;
    /// Read and verify the log.
    ReadAudit          = "audit:read":          Auditor GuestAuditor;
    /// See who watches the log.
    ReadWitnesses      = "witnesses:read":      Auditor SecurityAdmin;
    /// Register and retire witnesses, at the root.
    WriteWitnesses     = "witnesses:write":     SecurityAdmin;
    /// See when the standing queries were run (rule 82).
    ReadFlagRuns       = "audit_flag_runs:read": Auditor;
    /// Run the standing queries and keep what they find (rule 82).
    RunFlags           = "audit_flags:run":     Auditor;
    /// Dismiss flags, and open them again (rule 82).
    DecideFlags        = "audit_flags:decide":  Auditor;
    /// See who exported what (rule 90).
    ReadExports        = "exports:read":        Caseworker Supervisor Finance Auditor;
    /// Export lists that one may read, and download what one asked for (rule 90).
    MakeExports        = "exports:make":        Caseworker Supervisor Finance;
    /// The same for auditors, masked.
    AuditExports       = "audit_exports:make":  Auditor;
    /// Approve or refuse an export: another person than who asked (rule 90).
    DecideExports      = "exports:decide":      Supervisor;
}

/// See and change one's own account: everybody who is signed in, even with a password that must be changed.
pub struct Oneself;
impl Permission for Oneself {
    const NAME: &'static str = "self";
    const ROLES: &'static [Role] = Role::ALL;
    const WITH_OLD_PASSWORD: bool = true;
}

/// Roles that one account may not hold together (rules 6, 7): an auditor, of the union or a guest, goes with no other, an
/// administrator with no other, an integration is not a person.
pub fn compatible(roles: &[Role]) -> bool {
    let alone = |role: &Role| {
        matches!(
            role,
            Auditor | GuestAuditor | SystemAdmin | SecurityAdmin | Integration
        )
    };
    roles.len() <= 1 || !roles.iter().any(alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administrators_read_no_case_data_and_auditors_write_only_what_belongs_to_auditing() {
        for (name, roles) in POLICY {
            let case_data = [
                "members:",
                "duplicates:",
                "files:",
                "follow_ups:",
                "inspections:",
                "actions:",
                "duties:",
                "worklist:",
                "claims:",
                "aid:",
                "registers:",
                "questionnaires:",
                "payments:",
                "insurance:",
            ];
            if case_data.iter().any(|prefix| name.starts_with(prefix)) {
                assert!(
                    !roles.contains(&SystemAdmin) && !roles.contains(&SecurityAdmin),
                    "{name}"
                );
            }
            let auditing = name.ends_with(":read") || name.starts_with("audit_");
            assert!(!roles.contains(&Auditor) || auditing, "{name}");
            assert!(
                !roles.contains(&GuestAuditor) || roles.contains(&Auditor),
                "{name}"
            );
        }
    }

    #[test]
    fn auditors_and_administrators_hold_no_second_role() {
        assert!(compatible(&[Caseworker, Supervisor]));
        assert!(compatible(&[Auditor]));
        assert!(!compatible(&[Auditor, Finance]));
        assert!(compatible(&[GuestAuditor]) && !compatible(&[GuestAuditor, Supervisor]));
        assert!(!compatible(&[SystemAdmin, SecurityAdmin]));
        assert!(!compatible(&[SecurityAdmin, Caseworker]));
    }
}
