//! Every operation × every role × inside and outside the scope × no, false and expired token.
//!
//! The operations come from the OpenAPI document; one that is not in [`SUBJECTS`] fails the test, so a new endpoint
//! can't ship without saying what it acts on.

use actix_web::test::TestRequest;
use bangfu::auth::policy::POLICY;
use serde_json::{Value, json};

use crate::given::{Case, Town};
use crate::harness::{Answer, Client};

/// What the `{id}` of an operation names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Subject {
    /// Nothing: the path has no id.
    None,
    /// Something that everybody may know.
    Public,
    Organization,
    User,
    Policy,
    Member,
    File,
    Action,
    Claim,
    Aid,
    Payment,
    Event,
    SpotCheck,
    Duplicate,
    Transfer,
    Fund,
    Line,
    Batch,
    Recovery,
    StandIn,
    Relief,
    Borderline,
    Questionnaire,
    InsuranceList,
    Enrolment,
    InsuranceClaim,
    Audited,
    Witness,
    Flag,
    FlagRun,
    Export,
}
use Subject::*;

/// Every operation below `/api/v1`, by operation id.
const SUBJECTS: &[(&str, Subject)] = &[
    ("create_token", Public),
    ("revoke_token", Public),
    ("change_password", None),
    ("get_me", None),
    ("list_users", None),
    ("get_user", User),
    ("create_user", None),
    ("update_user", User),
    ("disable_user", User),
    ("reset_user_password", User),
    ("update_user_roles", User),
    ("unlock_user", User),
    ("list_organizations", None),
    ("get_organization", Organization),
    ("create_organization", None),
    ("update_organization", Organization),
    ("move_organization", Organization),
    ("close_organization", Organization),
    ("list_policies", None),
    ("get_policy", Policy),
    ("create_policy", None),
    ("approve_policy", Policy),
    ("list_members", None),
    ("search_members", None),
    ("create_member", None),
    ("get_member", Member),
    ("update_member", Member),
    ("set_member_status", Member),
    ("transfer_member", Member),
    ("reveal_member", Member),
    ("merge_member", Member),
    ("unmerge_member", Member),
    ("search_duplicates", None),
    ("list_duplicates", None),
    ("get_duplicate", Duplicate),
    ("decide_duplicate", Duplicate),
    ("list_files", None),
    ("create_file", None),
    ("get_file", File),
    ("update_file", File),
    ("submit_file", File),
    ("withdraw_file", File),
    ("request_review_of_file", File),
    ("return_file", File),
    ("reject_file", File),
    ("approve_file", File),
    ("pair_file", File),
    ("close_file", File),
    ("reopen_file", File),
    ("list_file_pairings", File),
    ("get_file_history", File),
    ("list_file_revisions", File),
    ("get_file_revision", File),
    ("get_file_difference", File),
    ("get_file_procedure", File),
    ("review_file_in_unit", File),
    ("visit_file", File),
    ("check_file", File),
    ("review_file_above_unit", File),
    ("publicise_file", File),
    ("list_file_objections", File),
    ("create_objection", File),
    ("get_objection", File),
    ("decide_objection", File),
    ("get_calendar", None),
    ("create_calendar", None),
    ("get_file_means", File),
    ("put_file_means", File),
    ("assess_file", File),
    ("list_file_assessments", File),
    ("override_file_exclusion", File),
    ("try_policy", Policy),
    ("list_relatives", None),
    ("create_relative", None),
    ("confirm_file_paper", File),
    ("list_consents", File),
    ("create_consent", File),
    ("get_consent", File),
    ("withdraw_consent", File),
    ("list_stand_ins", None),
    ("create_stand_in", None),
    ("get_stand_in", StandIn),
    ("end_stand_in", StandIn),
    ("create_transfer", File),
    ("list_transfers", None),
    ("get_transfer", Transfer),
    ("accept_transfer", Transfer),
    ("decline_transfer", Transfer),
    ("cancel_transfer", Transfer),
    ("unseal_file", File),
    ("list_aid_application_attachments", Aid),
    ("get_aid_application_attachment", Aid),
    ("attach_to_aid_application", Aid),
    ("open_aid_application_attachment", Aid),
    ("void_aid_application_attachment", Aid),
    ("list_aid_applications", None),
    ("create_aid_application", None),
    ("assess_aid_application", None),
    ("get_aid_application", Aid),
    ("update_aid_application", Aid),
    ("submit_aid_application", Aid),
    ("return_aid_application", Aid),
    ("verify_aid_application", Aid),
    ("approve_aid_application", Aid),
    ("reject_aid_application", Aid),
    ("withdraw_aid_application", Aid),
    ("request_review_of_aid_application", Aid),
    ("list_funds", None),
    ("create_fund", None),
    ("get_fund", Fund),
    ("create_fund_receipt", Fund),
    ("list_fund_movements", Fund),
    ("correct_fund_movement", Fund),
    ("create_budget_line", Fund),
    ("list_budget_lines", None),
    ("get_budget_line", Line),
    ("create_allotment", Line),
    ("cancel_payment", Payment),
    ("return_payment", Payment),
    ("list_bank_layouts", None),
    ("create_bank_layout", None),
    ("list_payment_batches", None),
    ("create_payment_batch", None),
    ("get_payment_batch", Batch),
    ("list_batch_lines", Batch),
    ("take_out_batch_line", Batch),
    ("submit_payment_batch", Batch),
    ("check_payment_batch", Batch),
    ("approve_payment_batch", Batch),
    ("export_payment_batch", Batch),
    ("download_payment_batch", Batch),
    ("answer_payment_batch", Batch),
    ("list_batch_queries", Batch),
    ("resolve_batch_query", Batch),
    ("close_payment_batch", Batch),
    ("cancel_payment_batch", Batch),
    ("get_pay_list", Batch),
    ("list_audit_queries", None),
    ("ask_audit_query", None),
    ("plan_audits", None),
    ("list_audit_tasks", None),
    ("get_audit_task", Audited),
    ("start_audit_task", Audited),
    ("finish_audit_task", Audited),
    ("get_audit_coverage", None),
    ("create_audit_finding", Audited),
    ("list_audit_findings", None),
    ("get_audit_finding", Audited),
    ("get_audit_finding_history", Audited),
    ("answer_audit_finding", Audited),
    ("accept_audit_answer", Audited),
    ("reject_audit_answer", Audited),
    ("list_audit_guests", Audited),
    ("create_audit_guest", Audited),
    ("get_audit_guest", Audited),
    ("revoke_audit_guest", Audited),
    ("list_audit_samples", None),
    ("create_audit_sample", None),
    ("get_audit_sample", Audited),
    ("get_audit_sample_document", Audited),
    ("list_audit_flags", None),
    ("get_audit_flag", Flag),
    ("dismiss_audit_flag", Flag),
    ("reopen_audit_flag", Flag),
    ("list_audit_flag_runs", None),
    ("create_audit_flag_run", None),
    ("get_audit_flag_run", FlagRun),
    ("list_exports", None),
    ("create_export", None),
    ("get_export", Export),
    ("approve_export", Export),
    ("refuse_export", Export),
    ("download_export", Export),
    ("create_audit_export", None),
    ("download_audit_export", Export),
    ("print_pay_list", Batch),
    ("get_voucher", Payment),
    ("print_voucher", Payment),
    ("list_insurance_plans", None),
    ("create_insurance_plan", None),
    ("get_insurance_coverage", None),
    ("list_insurance_lists", None),
    ("create_insurance_list", None),
    ("get_insurance_list", InsuranceList),
    ("list_insurance_list_people", InsuranceList),
    ("submit_insurance_list", InsuranceList),
    ("approve_insurance_list", InsuranceList),
    ("send_insurance_list", InsuranceList),
    ("cancel_insurance_list", InsuranceList),
    ("download_insurance_list", InsuranceList),
    ("read_insurance_policies", InsuranceList),
    ("list_enrolments", None),
    ("get_enrolment", Enrolment),
    ("end_enrolment", Enrolment),
    ("void_enrolment", Enrolment),
    ("list_insurance_claims", None),
    ("create_insurance_claim", None),
    ("get_insurance_claim", InsuranceClaim),
    ("decide_insurance_claim", InsuranceClaim),
    ("list_file_attachments", File),
    ("get_attachment", File),
    ("attach_to_file", File),
    ("open_attachment", File),
    ("void_attachment", File),
    ("list_payment_attachments", Payment),
    ("get_payment_attachment", Payment),
    ("attach_to_payment", Payment),
    ("open_payment_attachment", Payment),
    ("void_payment_attachment", Payment),
    ("list_illness_claim_attachments", Claim),
    ("get_illness_claim_attachment", Claim),
    ("attach_to_illness_claim", Claim),
    ("open_illness_claim_attachment", Claim),
    ("void_illness_claim_attachment", Claim),
    ("list_account_changes", Payment),
    ("create_account_change", Payment),
    ("get_account_change", Payment),
    ("confirm_account_change", Payment),
    ("refuse_account_change", Payment),
    ("list_recoveries", None),
    ("create_recovery", None),
    ("get_recovery", Recovery),
    ("withdraw_recovery", Recovery),
    ("list_recovery_instalments", Recovery),
    ("create_recovery_instalment", Recovery),
    ("get_recovery_instalment", Recovery),
    ("correct_recovery_instalment", Recovery),
    ("propose_write_off", Recovery),
    ("confirm_write_off", Recovery),
    ("refuse_write_off", Recovery),
    ("list_file_reviews", File),
    ("create_file_review", File),
    ("list_spot_checks", None),
    ("create_spot_check", None),
    ("get_spot_check", SpotCheck),
    ("list_file_follow_ups", File),
    ("create_file_follow_up", File),
    ("list_due_follow_ups", None),
    ("get_resolution_rate", None),
    ("list_unresolved_files", None),
    ("get_disposal_list", None),
    ("list_file_inspections", File),
    ("create_inspection", File),
    ("get_inspection", File),
    ("decide_inspection", File),
    ("list_temporary_reliefs", None),
    ("create_temporary_relief", None),
    ("get_temporary_relief", Relief),
    ("convert_temporary_relief", Relief),
    ("cancel_temporary_relief", Relief),
    ("list_borderline", None),
    ("create_borderline_entry", None),
    ("get_borderline_entry", Borderline),
    ("remove_borderline_entry", Borderline),
    ("list_questionnaires", None),
    ("create_questionnaire", None),
    ("get_questionnaire", Questionnaire),
    ("get_questionnaire_summary", Questionnaire),
    ("list_file_visits", File),
    ("create_file_visit", File),
    ("hand_over_pairings", None),
    ("list_codes", None),
    ("list_household", File),
    ("create_household_person", File),
    ("get_household_person", File),
    ("update_household_person", File),
    ("leave_household", File),
    ("reveal_household_person", File),
    ("get_file_profile", File),
    ("update_file_profile", File),
    ("get_five_ones", File),
    ("create_action", File),
    ("list_file_actions", File),
    ("list_actions", None),
    ("get_action", Action),
    ("void_action", Action),
    ("waive_duty", File),
    ("reinstate_duty", File),
    ("list_worklist", None),
    ("list_pairing_gaps", None),
    ("get_five_ones_summary", None),
    ("list_illness_claims", None),
    ("create_illness_claim", None),
    ("assess_illness_claim", None),
    ("get_illness_claim", Claim),
    ("update_illness_claim", Claim),
    ("submit_illness_claim", Claim),
    ("return_illness_claim", Claim),
    ("verify_illness_claim", Claim),
    ("approve_illness_claim", Claim),
    ("reject_illness_claim", Claim),
    ("withdraw_illness_claim", Claim),
    ("request_review_of_illness_claim", Claim),
    ("list_payments", None),
    ("get_payment", Payment),
    ("pay_payment", Payment),
    ("fail_payment", Payment),
    ("reissue_payment", Payment),
    ("list_audit_events", None),
    ("get_audit_event", Event),
    ("get_audit_proof", Event),
    ("check_audit_value", Event),
    ("get_audit_checkpoint", None),
    ("list_audit_checkpoints", None),
    ("get_audit_consistency", None),
    ("list_witnesses", None),
    ("create_witness", None),
    ("get_witness", Witness),
    ("retire_witness", Witness),
    ("verify_audit", None),
    ("list_person_events", None),
    ("list_user_events", User),
    ("report_access", Member),
    ("print_access_report", Member),
    ("get_payment_evidence", Payment),
    ("print_payment_evidence", Payment),
    ("get_file_evidence", File),
    ("print_file_evidence", File),
];

/// One account per role that sees the first district, and one that sees only the second.
const ROLES: &[(&str, &str, &str)] = &[
    ("caseworker", "caseworker", "caseworker_2"),
    ("supervisor", "city_supervisor", "supervisor_2"),
    ("finance", "finance", "finance_2"),
    ("auditor", "auditor", "auditor_2"),
    ("guest_auditor", "guest_auditor", "guest_auditor_2"),
    ("system_admin", "system_admin", "system_admin_2"),
    ("security_admin", "security_admin", "security_admin_2"),
    ("integration", "integration", "integration_2"),
];

struct Operation {
    id: String,
    method: String,
    path: String,
    permission: Option<String>,
    subject: Subject,
    by_unit: bool,
}

fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&bangfu::app::document(false).json).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(path) = path.strip_prefix("/api/v1") else {
            continue;
        };
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            let listed = SUBJECTS.iter().find(|(name, _)| *name == id);
            let subject = listed
                .unwrap_or_else(|| panic!("{id} is not in the table of this test"))
                .1;
            let permission = operation["security"][0]["bearer"][0].as_str().map(str::to_owned);
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let by_unit = parameters
                .iter()
                .any(|p| p["name"] == "organization_id" && p["in"] == "query");
            found.push(Operation {
                id,
                method: method.clone(),
                path: path.to_owned(),
                permission,
                subject,
                by_unit,
            });
        }
    }
    assert_eq!(
        found.len(),
        SUBJECTS.len(),
        "the table names an operation that does not exist"
    );
    found
}

impl Operation {
    /// The path with the ids of a case in the first district.
    fn place(&self, case: &Case) -> String {
        let id = match self.subject {
            None | Public => "",
            Organization => &case.organization,
            User => &case.user,
            Policy => &case.policy,
            Member => &case.member,
            File => &case.file,
            Action => &case.action,
            Claim => &case.claim,
            Aid => &case.aid,
            Payment if self.path.contains("{change_id}") => &case.due_payment,
            Payment => &case.payment,
            SpotCheck => &case.spot_check,
            Duplicate => &case.duplicate,
            Transfer => &case.transfer,
            Fund => &case.fund,
            Line => &case.line,
            Batch => &case.batch,
            Recovery => &case.recovery,
            StandIn => &case.stand_in,
            Relief => &case.relief,
            Borderline => &case.borderline,
            Questionnaire => &case.questionnaire,
            InsuranceList => &case.insurance_list,
            Enrolment => &case.enrolment,
            InsuranceClaim => &case.insurance_claim,
            Audited => case.audited(&self.path),
            Witness => &case.witness,
            Flag => &case.flag,
            FlagRun => &case.flag_run,
            Export => &case.export,
            Event => "",
        };
        let path = self
            .path
            .replace("{id}", id)
            .replace("{person_id}", &case.person)
            .replace("{version}", "1")
            .replace("{objection_id}", &case.objection)
            .replace("{attachment_id}", case.paper(&self.path))
            .replace("{consent_id}", &case.consent)
            .replace("{inspection_id}", &case.inspection)
            .replace("{attachment_kind}", "signature")
            .replace("{movement_id}", &case.movement)
            .replace("{change_id}", &case.account_change)
            .replace("{instalment_id}", &case.instalment)
            .replace("{guest_id}", &case.audit_guest)
            .replace("{line_id}", &case.batch_line)
            .replace("{paid_on}", "2020-05-18")
            .replace("{query_id}", &case.query)
            .replace("{year}", "2020")
            .replace("{code}", "shared_card")
            .replace("{kind}", "call");
        path.replace("{seq}", &case.event.to_string())
    }

    /// Sends the operation with an empty body and a version that never was: who may is told from what comes back,
    /// and nothing is changed.
    fn request(&self) -> TestRequest {
        let request = match self.method.as_str() {
            "get" => return TestRequest::get(),
            "put" => TestRequest::put(),
            "patch" => TestRequest::patch(),
            _ => TestRequest::post(),
        };
        request
            .insert_header(("If-Match", "\"9999\""))
            .set_json(json!({}))
    }

    async fn run(&self, client: &Client, case: &Case) -> Answer {
        client.raw(self.request(), &self.place(case)).await
    }

    fn allows(&self, role: &str) -> bool {
        let permission = self.permission.as_deref().unwrap_or_default();
        permission == "self"
            || POLICY
                .iter()
                .any(|(name, roles)| *name == permission && roles.iter().any(|r| r.as_str() == role))
    }
}

#[actix_web::test]
async fn each_role_may_exactly_what_the_policy_says_inside_its_scope_and_nothing_outside() {
    let town = Town::start().await;
    let case = town.case().await;
    for (role, inside, outside) in ROLES {
        let (inside, outside) = (town.client(inside).await, town.client(outside).await);
        for operation in operations().iter().filter(|o| o.permission.is_some()) {
            let id = &operation.id;
            let near = operation.run(&inside, &case).await;
            if !operation.allows(role) {
                assert_eq!(
                    (near.status, near.text("/code").as_str()),
                    (403, "forbidden"),
                    "{role} {id}"
                );
            } else {
                assert!(
                    ![401, 403, 404].contains(&near.status),
                    "{role} {id}: {} {}",
                    near.status,
                    near.body
                );
                assert!(near.status < 500, "{role} {id}: {} {}", near.status, near.body);
            }
            let scoped = !matches!(
                operation.subject,
                None | Public | Policy | Questionnaire | Witness
            );
            if scoped {
                let far = operation.run(&outside, &case).await.status;
                assert_eq!(
                    far,
                    if operation.allows(role) { 404 } else { 403 },
                    "{role} outside {id}"
                );
            }
            if operation.by_unit && operation.allows(role) {
                let path = format!("{}?organization_id={}", operation.place(&case), case.organization);
                assert_eq!(
                    outside.get(&path).await.status,
                    404,
                    "{role} outside {id} by unit"
                );
                assert_eq!(inside.get(&path).await.status, 200, "{role} inside {id} by unit");
            }
        }
    }
}

#[actix_web::test]
async fn nobody_gets_in_without_a_valid_token() {
    let town = Town::start().await;
    let case = town.case().await;
    let expired = town.client("caseworker").await;
    let ended = town.client("caseworker_b").await;
    let revoke = TestRequest::post()
        .uri("/api/v1/auth/revoke")
        .set_form([("token", ended.token.as_str())]);
    town.app.send(revoke).await.expect(200);
    town.app.set("2020-05-21");
    for operation in operations().iter().filter(|o| o.subject != Public) {
        let bare = operation
            .request()
            .uri(&format!("/api/v1{}", operation.place(&case)));
        assert_eq!(
            town.app.send(bare).await.status,
            401,
            "{} without a token",
            operation.id
        );
        let mut forged = expired.clone();
        forged.token = format!("{}x", expired.token);
        for (what, client) in [
            ("a forged", &forged),
            ("an expired", &expired),
            ("a revoked", &ended),
        ] {
            assert_eq!(
                operation.run(client, &case).await.status,
                401,
                "{} with {what} token",
                operation.id
            );
        }
    }
}

#[actix_web::test]
async fn the_document_names_the_permission_of_every_operation() {
    for operation in operations().iter().filter(|o| o.subject != Public) {
        let permission = operation.permission.as_deref().unwrap_or_default();
        let known = permission == "self" || POLICY.iter().any(|(name, _)| *name == permission);
        assert!(known, "{} names no permission", operation.id);
    }
}
