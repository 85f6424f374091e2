//! What tests start from: the tree of units and one account per role, in two districts.

use std::sync::Arc;

use actix_web::test::{self, TestRequest};
use bangfu::auth::{Actor, Role};
use bangfu::db::Tx;
use bangfu::db::types::{Id, Json};
use bangfu::note::{Kind as KeyKind, Signer};
use bangfu::organizations::{self, Kind, NewOrganization, Organization, OrganizationId};
use bangfu::users::{self, User};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, PASSWORD, TestApp};

/// A city with two districts, each with a basic union; one account per role.
///
/// `caseworker`, `supervisor` … belong to the basic union of the first district or to the district; the `*_2` to the
/// second; `city_*`, finance, auditor and the administrators to the root.
pub struct Town {
    pub app: TestApp,
    pub root: String,
    pub jinghu: String,
    pub jinghu_basic: String,
    pub yijiang: String,
    pub yijiang_basic: String,
}

/// Accounts: user name, role, unit by index into root, jinghu, jinghu_basic, yijiang, yijiang_basic.
const ACCOUNTS: &[(&str, Role, usize)] = &[
    ("caseworker", Role::Caseworker, 1),
    ("caseworker_b", Role::Caseworker, 1),
    ("supervisor", Role::Supervisor, 1),
    ("supervisor_b", Role::Supervisor, 1),
    ("caseworker_2", Role::Caseworker, 3),
    ("supervisor_2", Role::Supervisor, 3),
    ("city_caseworker", Role::Caseworker, 0),
    ("city_supervisor", Role::Supervisor, 0),
    ("city_supervisor_b", Role::Supervisor, 0),
    ("finance", Role::Finance, 0),
    ("finance_b", Role::Finance, 0),
    ("finance_2", Role::Finance, 3),
    ("auditor", Role::Auditor, 0),
    ("auditor_2", Role::Auditor, 3),
    ("system_admin", Role::SystemAdmin, 0),
    ("system_admin_2", Role::SystemAdmin, 3),
    ("security_admin", Role::SecurityAdmin, 0),
    ("security_admin_b", Role::SecurityAdmin, 0),
    ("security_admin_2", Role::SecurityAdmin, 3),
    ("integration", Role::Integration, 1),
    ("integration_2", Role::Integration, 3),
    ("auditor_b", Role::Auditor, 0),
    ("district_auditor", Role::Auditor, 1),
    ("guest_auditor", Role::GuestAuditor, 0),
    ("guest_auditor_2", Role::GuestAuditor, 0),
];

impl Town {
    /// A fresh service with units and accounts.
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let password_hash = app.shared.passwords.hash(PASSWORD).unwrap();
        let units = app.db.write_blocking(Actor::system(), "given".into(), |tx| {
            let units = units(tx)?;
            for (n, (username, role, unit)) in ACCOUNTS.iter().enumerate() {
                let user = account(tx, n, username, *role, units[*unit], &password_hash);
                users::insert(tx, &user)?;
            }
            Ok(units.map(|id| id.to_string()))
        });
        let [root, jinghu, jinghu_basic, yijiang, yijiang_basic] = units.unwrap();
        Self {
            app,
            root,
            jinghu,
            jinghu_basic,
            yijiang,
            yijiang_basic,
        }
    }

    /// The client of an account.
    pub async fn client(&self, username: &str) -> Client {
        self.app.sign_in(username).await
    }

    /// The id of an account.
    pub fn user_id(&self, username: &str) -> String {
        self.user(username).id.to_string()
    }

    fn user(&self, username: &str) -> User {
        let name = users::username_key(username);
        let found = self
            .app
            .db
            .read_blocking(bangfu::auth::Scope::All, move |rx| users::find_by_name(rx, &name));
        found.unwrap()
    }
}

/// One of everything, in the first district: ids for paths.
pub struct Case {
    pub organization: String,
    pub user: String,
    pub policy: String,
    pub member: String,
    pub file: String,
    pub person: String,
    pub objection: String,
    pub spot_check: String,
    pub attachment: String,
    pub claim_attachment: String,
    pub aid_attachment: String,
    pub payment_attachment: String,
    pub due_payment: String,
    pub account_change: String,
    pub recovery: String,
    pub instalment: String,
    pub inspection: String,
    pub duplicate: String,
    pub transfer: String,
    pub consent: String,
    pub stand_in: String,
    pub relief: String,
    pub borderline: String,
    pub questionnaire: String,
    pub action: String,
    pub claim: String,
    pub aid: String,
    pub payment: String,
    pub fund: String,
    pub movement: String,
    pub line: String,
    pub batch: String,
    pub batch_line: String,
    pub query: String,
    pub insurance_list: String,
    pub enrolment: String,
    pub insurance_claim: String,
    pub audit_task: String,
    pub audit_finding: String,
    pub audit_guest: String,
    pub audit_sample: String,
    pub witness: String,
    pub flag: String,
    pub flag_run: String,
    pub export: String,
    pub event: i64,
}

impl Case {
    /// An id that fits a field of this name.
    pub fn id_for(&self, field: &str) -> Option<&str> {
        match field {
            "organization_id" | "parent_id" => Some(&self.organization),
            "member_id" => Some(&self.member),
            "file_id" => Some(&self.file),
            "aid_id" => Some(&self.aid),
            "questionnaire_id" => Some(&self.questionnaire),
            "fund_id" => Some(&self.fund),
            "payment_id" => Some(&self.due_payment),
            "plan_id" => Some(PLAN),
            "enrolment_id" => Some(&self.enrolment),
            "illness_claim_id" => Some(&self.claim),
            "task_id" => Some(&self.audit_task),
            "contact_id" | "performed_by" | "visitors" => Some(&self.user),
            _ => None,
        }
    }

    /// The paper that a path of the OpenAPI document is about.
    pub fn paper(&self, path: &str) -> &str {
        match path.split('/').nth(1).unwrap_or_default() {
            "illness-claims" => &self.claim_attachment,
            "aid-applications" => &self.aid_attachment,
            "payments" => &self.payment_attachment,
            _ => &self.attachment,
        }
    }

    /// What the id in a path below `/audit` names.
    pub fn audited(&self, path: &str) -> &str {
        match path.split('/').nth(2).unwrap_or_default() {
            "tasks" => &self.audit_task,
            "findings" => &self.audit_finding,
            "samples" => &self.audit_sample,
            _ => "",
        }
    }

    /// A path of the OpenAPI document with the ids of this case.
    pub fn place(&self, path: &str) -> String {
        let id = match path.split('/').nth(1).unwrap_or_default() {
            "organizations" => &self.organization,
            "users" => &self.user,
            "policies" => &self.policy,
            "members" => &self.member,
            "files" => &self.file,
            "actions" => &self.action,
            "illness-claims" => &self.claim,
            "payments" if path.contains("{change_id}") => &self.due_payment,
            "aid-applications" => &self.aid,
            "payments" => &self.payment,
            "recoveries" => &self.recovery,
            "funds" => &self.fund,
            "payment-batches" => &self.batch,
            "budget-lines" => &self.line,
            "insurance-lists" => &self.insurance_list,
            "enrolments" => &self.enrolment,
            "insurance-claims" => &self.insurance_claim,
            "spot-checks" => &self.spot_check,
            "duplicates" => &self.duplicate,
            "transfers" => &self.transfer,
            "pairings" => &self.stand_in,
            "temporary-reliefs" => &self.relief,
            "borderline" => &self.borderline,
            "questionnaires" => &self.questionnaire,
            "exports" => &self.export,
            "audit" if path.contains("/flags/") => &self.flag,
            "audit" if path.contains("/flag-runs/") => &self.flag_run,
            "audit" if path.contains("/exports/") => &self.export,
            "audit" if path.starts_with("/audit/payments/") => &self.payment,
            "audit" if path.starts_with("/audit/files/") => &self.file,
            "audit" if path.starts_with("/audit/users/") => &self.user,
            "audit" if path.starts_with("/audit/witnesses") => &self.witness,
            "audit" => self.audited(path),
            _ => "",
        };
        let path = path
            .replace("{id}", id)
            .replace("{person_id}", &self.person)
            .replace("{version}", "1")
            .replace("{objection_id}", &self.objection)
            .replace("{attachment_id}", self.paper(path))
            .replace("{consent_id}", &self.consent)
            .replace("{inspection_id}", &self.inspection)
            .replace("{attachment_kind}", "signature")
            .replace("{movement_id}", &self.movement)
            .replace("{change_id}", &self.account_change)
            .replace("{instalment_id}", &self.instalment)
            .replace("{guest_id}", &self.audit_guest)
            .replace("{line_id}", &self.batch_line)
            .replace("{paid_on}", "2020-05-18")
            .replace("{query_id}", &self.query)
            .replace("{year}", "2020")
            .replace("{code}", "shared_card")
            .replace("{kind}", "call");
        path.replace("{seq}", &self.event.to_string())
    }
}

/// A claim on the condolence of the `n`th member, to the own account, with one stay: `total_fen` with nothing deducted.
pub fn claim(member: &str, n: usize, total_fen: i64, settlement_number: &str) -> Value {
    let none = json!({ "basic_insurance_fen": 0, "critical_illness_insurance_fen": 0, "medical_assistance_fen": 0,
        "employer_fen": 0, "commercial_insurance_fen": 0, "mutual_aid_fen": 0, "other_fen": 0 });
    json!({
        "member_id": member,
        "programme_year": 2020,
        "illness": { "name": "急性心肌梗死" },
        "stays": [{ "hospital": "芜湖市第一人民医院", "admitted_on": "2020-03-01", "discharged_on": "2020-03-09",
            "settlement_number": settlement_number, "total_fen": total_fen, "deductions": none, "off_catalogue_fen": 0 }],
        "payee": { "kind": "member", "name": format!("职工{n}"), "id_number": id_number(n), "account_number": "9999990000000006", "bank": "徽商银行" },
    })
}

/// An application of the `n`th member for aid to the household of a file.
pub fn aid(file: &str, n: usize, kind: &str, period: &str, amount_fen: i64) -> Value {
    json!({ "file_id": file, "member_id": null, "kind": kind, "period": period, "amount_fen": amount_fen, "beneficiary_id": null,
        "bill": null, "need": "丈夫患病，女儿上学", "payee": { "kind": "member", "name": format!("职工{n}"), "id_number": id_number(n),
            "account_number": "9999990000000006", "bank": "徽商银行" } })
}

/// The plan for all members that a new installation has.
pub const PLAN: &str = "00000000-0000-7000-8000-000000000a61";

/// A list of people whom a unit insures from the first day of the tests on, a share each.
pub fn insurance_list(unit: &str, members: &[&str], payer: &str) -> Value {
    let people: Vec<_> = members
        .iter()
        .map(|member| json!({ "member_id": member, "shares": 1 }))
        .collect();
    json!({ "organization_id": unit, "plan_id": PLAN, "payer": payer, "starts_on": "2020-05-20", "people": people })
}

/// Something that an audit found.
pub fn finding() -> Value {
    json!({ "severity": "major", "title": "发放表缺少本人签名", "text": "三户由村干部代签", "subject_type": null,
        "subject_id": null, "demand": "补签并说明原因", "rectify_by": null })
}

/// A sample of the files of a unit and the units below it.
pub fn sample(unit: &str) -> Value {
    json!({ "population": { "of": "files", "from": "2020-01-01", "to": "2020-12-31", "organization_id": unit },
        "method": "random", "size": 2 })
}

/// A wish to look into a file.
pub fn inspection(by: &str) -> Value {
    json!({ "by": by, "who": "镜湖区人民法院 李某", "proof": "工作证 34029919700101002X", "purpose": "核实申请执行人的家庭情况" })
}

impl Town {
    /// A member of the first district's basic union, by the `n`th ID number.
    pub async fn member(&self, n: usize) -> String {
        let new = json!({ "organization_id": self.jinghu_basic, "name": format!("职工{n}"), "id_number": id_number(n),
            "phone": format!("1990000{n:04}"), "joined_on": "2010-01-01" });
        self.client("caseworker")
            .await
            .post("/members", new)
            .await
            .expect(201)
            .id()
    }

    /// A file of that member, on file and paired with `caseworker`.
    pub async fn file_on_file(&self, member: &str) -> String {
        let (caseworker, supervisor) = (self.client("caseworker").await, self.client("supervisor").await);
        let new = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "major_illness" });
        let id = caseworker.post("/files", new).await.expect(201).id();
        let place = format!("/files/{id}");
        caseworker.act(&place, "/submit", json!({})).await.expect(200);
        supervisor.act(&place, "/approve", json!({})).await.expect(200);
        supervisor
            .act(
                &place,
                "/pair",
                json!({ "contact_id": self.user_id("caseworker") }),
            )
            .await
            .expect(200);
        id
    }

    /// A file of the `n`th member, closed today with this status and reason.
    pub async fn closed_file(&self, n: usize, status: &str, reason: &str) -> String {
        let id = self.file_on_file(&self.member(n).await).await;
        let supervisor = self.client("supervisor").await;
        let today = supervisor.get("/me").await.text("/server_time")[..10].to_owned();
        let end = json!({ "status": status, "reason_code": reason, "comment": null, "closed_on": today });
        supervisor
            .act(&format!("/files/{id}"), "/close", end)
            .await
            .expect(200);
        id
    }

    /// Drafts and approves a rule.
    pub async fn rule(&self, rule: Value) -> String {
        let drafter = self.client("security_admin").await;
        let drafted = drafter.post("/policies", rule).await.expect(201).id();
        let approver = self.client("city_supervisor").await;
        let place = format!("/policies/{drafted}");
        approver.act(&place, "/approve", json!({})).await.expect(200);
        drafted
    }

    /// Lets passwords last ten years, for stories that take months.
    pub async fn lasting_passwords(&self) {
        let values = json!({ "password_min_length": 8, "password_min_classes": 3, "password_max_age_days": 3650,
            "lock_after_failures": 5, "lock_minutes": 15, "idle_minutes": 30, "session_hours": 12, "accounts_per_unit": null });
        self.rule(json!({ "kind": "accounts", "valid_from": "2020-01-01", "values": values }))
            .await;
    }

    /// Puts the whole procedure in force for files of these levels, from 1 May 2020 on, and a 低保 standard of 600 yuan.
    pub async fn whole_procedure(&self, levels: &[&str]) {
        let values = json!({ "visitors": 2, "notice_working_days": 5, "step_days": 10, "levels": levels });
        self.rule(json!({ "kind": "procedure", "valid_from": "2020-05-01", "values": values }))
            .await;
        let values = json!({ "monthly_fen": 60_000, "urban": true });
        self.rule(json!({ "kind": "dibao_standard", "valid_from": "2020-01-01", "region_code": "340200", "values": values })).await;
    }

    /// What a household declares whose head earns and spends so much in the year.
    pub fn means(head: &str, income_fen: i64, rigid_fen: i64) -> Value {
        json!({
            "urban": true, "loss_fen": 0, "receives_dibao": false, "burdened": false, "idle_adults": [],
            "income": [{ "person_id": head, "kind": "wages", "amount_fen": income_fen, "evidence": "收入证明" }],
            "expenses": [{ "person_id": head, "kind": "medical", "amount_fen": rigid_fen, "evidence": "医保结算单" }],
            "exclusions": [{ "kind": "private_car", "answer": "no" }],
        })
    }

    /// The starred fields of a household and of a person.
    pub fn forms() -> [Value; 2] {
        let profile = json!({ "address": "镜湖区某路 1 号", "registered_region": "340202", "housing": "rented", "single_parent": false });
        let details = json!({ "ethnicity": "01", "health": "cancer", "marital_status": "married", "registration": "non_agricultural",
            "medical_insurance": "employee", "model_worker": "none", "person_status": "worker" });
        [profile, details]
    }

    /// A draft of the `n`th member with the whole form filled in; its place.
    pub async fn whole_draft(&self, n: usize) -> String {
        let member = self.member(n).await;
        let worker = self.client("caseworker").await;
        let new = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "national", "primary_cause": "major_illness" });
        let place = format!("/files/{}", worker.post("/files", new).await.expect(201).id());
        let [profile, details] = Self::forms();
        worker
            .patch(&format!("{place}/profile"), profile)
            .await
            .expect(200);
        let head = worker.get(&format!("{place}/household")).await.items()[0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        worker
            .patch(
                &format!("{place}/household/{head}"),
                json!({ "details": details }),
            )
            .await
            .expect(200);
        let declared = Self::means(&head, 1_200_000, 800_000);
        worker.put(&place, "/means", declared).await.expect(200);
        place
    }

    /// A decided objection to a file, as if there had been a notice.
    fn objection(&self, file: &str) -> String {
        let recorder = self.user("caseworker_b");
        let decider = self.user("supervisor_b");
        let written = self.app.db.write_blocking(Actor::system(), "given".into(), |tx| {
            use bangfu::db::schema::objections::dsl;
            use diesel::prelude::*;
            let id: Id<()> = tx.new_id();
            let said = json!({ "reporter": null, "content": "有车", "finding": "不属实" });
            let row = (
                dsl::id.eq(id),
                dsl::file_id.eq(file.to_owned()),
                dsl::round.eq(1),
                dsl::lodged_at.eq(tx.now),
                dsl::recorded_by.eq(recorder.id),
                dsl::recorder_person.eq(recorder.person),
                dsl::sealed.eq(tx.keys.seal_json("objection", &said)?),
                dsl::outcome.eq("dismissed"),
                dsl::decided_at.eq(tx.now),
                dsl::decided_by.eq(decider.id),
                dsl::decider_person.eq(decider.person),
                dsl::version.eq(2),
            );
            diesel::insert_into(dsl::objections)
                .values(row)
                .execute(tx.conn)?;
            Ok(id.to_string())
        });
        written.unwrap()
    }

    /// Attaches a photo to a file.
    pub async fn attach(&self, who: &str, file: &str, kind: &str, content: &[u8]) -> Answer {
        self.attach_to(who, &format!("/files/{file}"), kind, content)
            .await
    }

    /// Attaches a photo to a file, a claim or a payment.
    pub async fn attach_to(&self, who: &str, place: &str, kind: &str, content: &[u8]) -> Answer {
        let request = TestRequest::post()
            .insert_header(("Content-Type", "image/jpeg"))
            .set_payload(content.to_vec());
        let path = format!("{place}/attachments/{kind}");
        self.client(who).await.raw(request, &path).await
    }

    /// A consent of somebody in a household to the notice; its id.
    pub async fn consent(&self, file: &str, person: &str) -> String {
        let new = json!({ "person_id": person, "purpose": "public_notice", "text_version": "2020-03",
            "given_on": "2020-05-18", "guardian_id": null, "attachment_id": null });
        let worker = self.client("caseworker").await;
        let recorded = worker.post(&format!("/files/{file}/consents"), new).await;
        recorded.expect(201).id()
    }

    /// Lets one account stand in for another in June 2020; the stand-in's id.
    pub async fn stand_in(&self, contact: &str, stand_in: &str) -> String {
        let new = json!({ "contact_id": self.user_id(contact), "stand_in_id": self.user_id(stand_in),
            "from_on": "2020-06-01", "until_on": "2020-06-30" });
        let arranged = self
            .client("supervisor")
            .await
            .post("/pairings/stand-ins", new)
            .await;
        arranged.expect(201).id()
    }

    /// Sends a file to another unit; the transfer's id.
    pub async fn send_on(&self, file: &str, to: &str) -> String {
        let new = json!({ "organization_id": to, "reason_code": "worker_moved", "comment": null });
        let sender = self.client("supervisor").await;
        let sent = sender.post(&format!("/files/{file}/transfers"), new).await;
        sent.expect(201).id()
    }

    /// A questionnaire of the whole year, with a question of each kind.
    pub async fn questionnaire(&self) -> String {
        let option = |code: &str, label: &str| json!({ "code": code, "label_zh": label });
        let questions = json!([
            { "key": "living", "text_zh": "目前生活状况", "kind": "choice", "required": true,
              "options": [option("fine", "尚可"), option("hard", "困难")] },
            { "key": "needs", "text_zh": "需要什么帮助", "kind": "choices", "required": false,
              "options": [option("medicine", "用药"), option("work", "就业")] },
            { "key": "insured", "text_zh": "是否参保", "kind": "yes_no", "required": true },
            { "key": "people", "text_zh": "同住人数", "kind": "number", "required": false },
            { "key": "said", "text_zh": "意见建议", "text_en": "What they said", "kind": "text", "required": false },
        ]);
        let new = json!({ "name": "2020 年进万家走访", "valid_from": "2020-01-01", "valid_to": "2020-12-31", "questions": questions });
        let made = self
            .client("city_supervisor")
            .await
            .post("/questionnaires", new)
            .await;
        made.expect(201).id()
    }

    /// What is sent of a visit by `caseworker` on the first day of the tests.
    pub fn visit(&self, questionnaire: &str, answers: Value) -> Value {
        json!({ "questionnaire_id": questionnaire, "visited_on": "2020-05-20", "visitors": [self.user_id("caseworker")],
            "met": "worker", "answers": answers })
    }

    /// A temporary relief and an entry of the borderline register, of the `n`th member.
    async fn registered(&self, n: usize) -> [String; 2] {
        let member = self.member(n).await;
        let caseworker = self.client("caseworker").await;
        let relief = json!({ "member_id": member, "cause": "natural_disaster", "happened_on": "2020-05-18", "situation": "家中失火" });
        let entry = json!({ "member_id": member, "note": "人均收入略高于标准" });
        [
            caseworker
                .post("/temporary-reliefs", relief)
                .await
                .expect(201)
                .id(),
            caseworker.post("/borderline", entry).await.expect(201).id(),
        ]
    }

    /// A second record of the first member, in the other script and with another number, and the pair it makes.
    pub async fn duplicate(&self) -> String {
        let second = json!({ "organization_id": self.jinghu_basic, "name": "職工1", "id_number": id_number(999),
            "phone": "19900000001", "joined_on": "2010-01-01" });
        let caseworker = self.client("caseworker").await;
        caseworker.post("/members", second).await.expect(201);
        let pairs = caseworker.get("/duplicates").await.expect(200).items();
        pairs[0]["id"].as_str().unwrap().to_owned()
    }

    /// A fund of the first district's basic union, with a line for 2020 that has all of it; the ids of both.
    pub async fn budget(&self, kind: &str, amount_fen: i64) -> [String; 2] {
        let finance = self.client("finance").await;
        let new = json!({ "organization_id": self.jinghu_basic, "code": kind, "name": "工会经费", "source": "union",
            "kinds": [kind], "valid_from": "2020-01-01", "valid_to": null });
        let fund = finance.post("/funds", new).await.expect(201).id();
        let money = json!({ "amount_fen": amount_fen, "reference": "芜总工〔2020〕8号" });
        let place = format!("/funds/{fund}");
        finance
            .post(&format!("{place}/receipts"), money)
            .await
            .expect(201);
        let line = json!({ "organization_id": self.jinghu_basic, "year": 2020, "aid_kind": kind, "amount_fen": amount_fen,
            "reference": "芜总工〔2020〕9号" });
        let supervisor = self.client("supervisor").await;
        let line = supervisor.post(&format!("{place}/budget-lines"), line).await;
        let line = line.expect(201).id();
        [fund, line]
    }

    /// A verified claim of the `n`th member, whose number the payee has; its path.
    pub async fn verified_claim(&self, n: usize) -> String {
        let member = self.member(n).await;
        let body = claim(&member, n, 1_000_000, &format!("S-{n}"));
        let worker = self.client("caseworker").await;
        let id = worker.post("/illness-claims", body).await.expect(201).id();
        let place = format!("/illness-claims/{id}");
        worker.act(&place, "/submit", json!({})).await.expect(200);
        let supervisor = self.client("supervisor").await;
        supervisor.act(&place, "/verify", json!({})).await.expect(200);
        place
    }

    /// The same, approved.
    pub async fn approved_claim(&self, n: usize) -> String {
        let place = self.verified_claim(n).await;
        let approver = self.client("supervisor_b").await;
        approver.act(&place, "/approve", json!({})).await.expect(200);
        place
    }

    /// A file of the `n`th member that is on file; its id.
    pub async fn nth_file(&self, n: usize) -> String {
        self.file_on_file(&self.member(n).await).await
    }

    /// A 低保 standard of 600 yuan.
    pub async fn standard(&self) {
        let values = json!({ "monthly_fen": 60_000, "urban": true });
        self.rule(json!({ "kind": "dibao_standard", "valid_from": "2020-01-01", "region_code": "340200", "values": values })).await;
    }

    /// A verified application for aid, its warnings confirmed; its path.
    pub async fn verified_aid(&self, body: Value) -> String {
        let worker = self.client("caseworker").await;
        let id = worker.post("/aid-applications", body).await.expect(201).id();
        let place = format!("/aid-applications/{id}");
        let submitted = worker.act(&place, "/submit", json!({})).await.expect(200);
        let vouched = json!({ "confirmed_warnings": submitted.body["assessment"]["warnings"] });
        let supervisor = self.client("supervisor").await;
        supervisor.act(&place, "/verify", vouched).await.expect(200);
        place
    }

    /// The same, approved.
    pub async fn approved_aid(&self, body: Value) -> String {
        let place = self.verified_aid(body).await;
        let approver = self.client("supervisor_b").await;
        approver.act(&place, "/approve", json!({})).await.expect(200);
        place
    }

    /// A batch of all that is due in the first district's basic union, approved; its path.
    pub async fn approved_batch(&self) -> String {
        let finance = self.client("finance").await;
        let new = json!({ "organization_id": self.jinghu_basic, "layout_id": "00000000-0000-7000-8000-000000000061", "payment_ids": null });
        let made = finance.post("/payment-batches", new).await.expect(201);
        let place = format!("/payment-batches/{}", made.id());
        finance.act(&place, "/submit", json!({})).await.expect(200);
        let checker = self.client("finance_b").await;
        checker.act(&place, "/check", json!({})).await.expect(200);
        let counted = json!({ "total_fen": made.body["total_fen"], "line_count": made.body["line_count"] });
        let approver = self.client("city_supervisor").await;
        approver.act(&place, "/approve", counted).await.expect(200);
        place
    }

    /// Sends the bank's answer about a batch.
    pub async fn answer(&self, who: &str, place: &str, content: impl Into<Vec<u8>>) -> Answer {
        let client = self.client(who).await;
        let today = client.get("/me").await.text("/server_time")[..10].to_owned();
        let request = TestRequest::post()
            .insert_header(("Content-Type", "text/csv"))
            .set_payload(content.into());
        client.raw(request, &format!("{place}/answers/{today}")).await
    }

    /// A batch to which the bank has answered with a line nobody knows; the ids of it, of its line and of the query.
    async fn answered_batch(&self) -> [String; 3] {
        let place = self.approved_batch().await;
        let finance = self.client("finance").await;
        finance.act(&place, "/export", json!({})).await.expect(200);
        let odd = "业务参考号,金额,处理结果,原因代码\nX,1.00,成功,\n";
        self.answer("finance_b", &place, odd).await.expect(200);
        let line = finance.get(&format!("{place}/lines")).await.items()[0].clone();
        let query = finance.get(&format!("{place}/queries")).await.items()[0].clone();
        let text = |value: &Value| value["id"].as_str().unwrap().to_owned();
        [
            place.rsplit('/').next().unwrap().to_owned(),
            text(&line),
            text(&query),
        ]
    }

    /// The payment of a claim of the `n`th member that was approved; its path.
    pub async fn due_payment(&self, n: usize) -> String {
        let claim = self.approved_claim(n).await;
        let claim = claim.rsplit('/').next().unwrap();
        let finance = self.client("finance").await;
        let found = finance.get(&format!("/payments?claim_id={claim}")).await;
        format!("/payments/{}", found.expect(200).text("/items/0/id"))
    }

    /// The same, paid today by `finance`.
    pub async fn paid_payment(&self, n: usize) -> String {
        let place = self.due_payment(n).await;
        let finance = self.client("finance").await;
        let today = finance.get("/me").await.text("/server_time")[..10].to_owned();
        let paying = json!({ "paid_on": today, "method": "bank_transfer", "reference": format!("R-{n}") });
        finance.act(&place, "/pay", paying).await.expect(200);
        place
    }

    /// Another account for the due payment of the `n`th member, which waits; the ids of both.
    async fn account_change(&self, n: usize) -> [String; 2] {
        let place = self.due_payment(n).await;
        let new = json!({ "account_number": "9999990000000014", "account_type": "passbook", "bank": "扬子银行", "reason": "原卡注销" });
        let worker = self.client("caseworker").await;
        let change = worker.post(&format!("{place}/account-changes"), new).await;
        [
            place.rsplit('/').next().unwrap().to_owned(),
            change.expect(201).id(),
        ]
    }

    /// A recovery of a half of the payment of the `n`th member, with an instalment; the ids of both.
    async fn recovery(&self, n: usize) -> [String; 2] {
        let place = self.paid_payment(n).await;
        let new = json!({ "payment_id": place.rsplit('/').next().unwrap(), "reason_code": "false_information",
            "comment": "住院费用系伪造", "amount_fen": 25_000 });
        let claimed = self.client("supervisor").await.post("/recoveries", new).await;
        let id = claimed.expect(201).id();
        let finance = self.client("finance").await;
        let today = finance.get("/me").await.text("/server_time")[..10].to_owned();
        let money = json!({ "received_on": today, "amount_fen": 10_000, "reference": "SJ-1" });
        let booked = finance
            .post(&format!("/recoveries/{id}/instalments"), money)
            .await;
        [id, booked.expect(201).id()]
    }

    /// A list of these members of the first district's basic union, handed in; its path.
    pub async fn submitted_list(&self, members: &[&str], payer: &str) -> String {
        let worker = self.client("caseworker").await;
        let new = insurance_list(&self.jinghu_basic, members, payer);
        let made = worker.post("/insurance-lists", new).await.expect(201).id();
        let place = format!("/insurance-lists/{made}");
        worker.act(&place, "/submit", json!({})).await.expect(200);
        place
    }

    /// The same, approved.
    pub async fn approved_list(&self, members: &[&str], payer: &str) -> String {
        let place = self.submitted_list(members, payer).await;
        let supervisor = self.client("supervisor").await;
        supervisor.act(&place, "/approve", json!({})).await.expect(200);
        place
    }

    /// The same, sent to the insurer.
    pub async fn sent_list(&self, members: &[&str], payer: &str) -> String {
        let place = self.approved_list(members, payer).await;
        let sending = json!({ "paid_on": "2020-05-20", "reference": "DZ-1" });
        let finance = self.client("finance").await;
        finance.act(&place, "/send", sending).await.expect(200);
        place
    }

    /// Sends policy numbers by the `n`th ID numbers.
    pub async fn policies(&self, place: &str, numbers: &[(usize, &str)]) -> Answer {
        let back =
            |(n, number): &(usize, &str)| json!({ "id_number": id_number(*n), "policy_number": number });
        let rows: Vec<_> = numbers.iter().map(back).collect();
        let worker = self.client("caseworker").await;
        let path = format!("{place}/policies");
        worker.post(&path, json!({ "policies": rows })).await
    }

    /// A cover in force of the `n`th member, paid from a budget line, and what happened to the member; the ids of the list,
    /// of the enrolment and of the claim on the insurance.
    async fn insured(&self, n: usize) -> [String; 3] {
        self.budget("mutual_insurance", 100_000).await;
        let member = self.member(n).await;
        let place = self.sent_list(&[&member], "unit").await;
        self.policies(&place, &[(n, "HZ-2020-77001")]).await.expect(200);
        let worker = self.client("caseworker").await;
        let people = worker.get(&format!("{place}/enrolments")).await.expect(200);
        let enrolment = people.items()[0]["id"].as_str().unwrap().to_owned();
        let happened = json!({ "enrolment_id": enrolment, "happened_on": "2020-05-20", "reported_on": "2020-05-20", "details": "送货途中摔断左腿" });
        let claim = worker.post("/insurance-claims", happened).await.expect(201).id();
        [place.rsplit('/').next().unwrap().to_owned(), enrolment, claim]
    }

    /// Plans the audits of the root for 2020 and begins that of a district; its path.
    pub async fn audit_of(&self, unit: &str) -> String {
        let auditor = self.client("auditor").await;
        let plan = json!({ "year": 2020 });
        auditor.post("/audit/plans", plan).await.expect(200);
        let tasks = auditor.get(&format!("/audit/tasks?organization_id={unit}")).await;
        let tasks = tasks.expect(200).items();
        let of_unit = |task: &&Value| task["audited_organization_id"] == unit && task["fund_id"].is_null();
        let task = tasks.iter().find(of_unit).unwrap();
        let place = format!("/audit/tasks/{}", task["id"].as_str().unwrap());
        auditor.act(&place, "/start", json!({})).await.expect(200);
        place
    }

    /// Lets a guest auditor look at a task until the end of June 2020; the invitation's id.
    pub async fn invite(&self, task: &str, guest: &str) -> String {
        let new = json!({ "user_id": self.user_id(guest), "until": "2020-06-30" });
        let auditor = self.client("auditor").await;
        let invited = auditor.post(&format!("{task}/guests"), new).await;
        invited.expect(201).id()
    }

    /// The audit of the first district with a finding and a guest, and one of the second with another; the ids of the first.
    async fn audited(&self) -> [String; 3] {
        let (task, other) = (
            self.audit_of(&self.jinghu).await,
            self.audit_of(&self.yijiang).await,
        );
        let auditor = self.client("auditor").await;
        let found = auditor.post(&format!("{task}/findings"), finding()).await;
        self.invite(&other, "guest_auditor_2").await;
        [
            task.rsplit('/').next().unwrap().to_owned(),
            found.expect(201).id(),
            self.invite(&task, "guest_auditor").await,
        ]
    }

    /// A run of the standing queries, and the first flag that it kept.
    async fn kept_flag(&self) -> [String; 2] {
        let auditor = self.client("auditor").await;
        let run = auditor.post("/audit/flag-runs", json!({})).await.expect(201);
        let kept = auditor.get("/audit/flags").await.expect(200);
        [kept.items()[0]["id"].as_str().unwrap().to_owned(), run.id()]
    }

    /// A masked export of a list as CSV.
    pub async fn export(&self, who: &str, list: &str) -> Answer {
        let asked = json!({ "list": list, "format": "csv", "clear": false, "reason": "季度核对" });
        self.client(who).await.post("/exports", asked).await.expect(201)
    }

    /// The first movement of a fund.
    async fn movement(&self, fund: &str) -> String {
        let auditor = self.client("auditor").await;
        let books = auditor.get(&format!("/funds/{fund}/movements")).await;
        books.expect(200).items()[0]["id"].as_str().unwrap().to_owned()
    }

    /// Registers a witness whose key has the seed `[7; 32]`.
    pub async fn witness(&self, name: &str) -> String {
        let key = Signer::new(name, KeyKind::Witness, &[7; 32]).verifier();
        let admin = self.client("security_admin").await;
        let new = json!({ "key": key.to_string() });
        admin.post("/audit/witnesses", new).await.expect(201).id()
    }

    /// One of everything, in the first district.
    pub async fn case(&self) -> Case {
        let caseworker = self.client("caseworker").await;
        let member = self.member(1).await;
        let file = self.file_on_file(&member).await;
        let now = caseworker.get("/me").await.text("/server_time");
        let call = json!({ "kind": "call", "occurred_at": now, "channel": "phone", "reached": "worker", "outcome": "reached" });
        let action = caseworker
            .post(&format!("/files/{file}/actions"), call)
            .await
            .expect(201)
            .id();
        let [fund, line] = self.budget("illness_condolence", 1_000_000).await;
        let lodged = caseworker
            .post("/illness-claims", claim(&member, 1, 1_000_000, "S-1"))
            .await
            .expect(201)
            .id();
        let place = format!("/illness-claims/{lodged}");
        caseworker.act(&place, "/submit", json!({})).await.expect(200);
        self.client("supervisor")
            .await
            .act(&place, "/verify", json!({}))
            .await
            .expect(200);
        self.client("supervisor_b")
            .await
            .act(&place, "/approve", json!({}))
            .await
            .expect(200);
        let payments = self
            .client("finance")
            .await
            .get(&format!("/payments?claim_id={lodged}"))
            .await
            .expect(200);
        let payment = payments.text("/items/0/id");
        let paper = async |who: &str, place: String| {
            let kept = self.attach_to(who, &place, "signature", JPEG).await;
            kept.expect(201).id()
        };
        let claim_attachment = paper("caseworker", place).await;
        let payment_attachment = paper("finance", format!("/payments/{payment}")).await;
        self.standard().await;
        let helped = self
            .approved_aid(aid(&file, 1, "living", "2020-Q2", 200_000))
            .await;
        let aid_attachment = paper("caseworker", helped.clone()).await;
        let [batch, batch_line, query] = self.answered_batch().await;
        let [due_payment, account_change] = self.account_change(931).await;
        let [recovery, instalment] = self.recovery(932).await;
        let policies = caseworker
            .get("/policies?kind=five_ones")
            .await
            .expect(200)
            .items();
        let text = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let wife = json!({ "name": "周梅", "id_number": id_number(8000), "relation": "spouse", "joined_on": "2012-01-01" });
        let person = caseworker
            .post(&format!("/files/{file}/household"), wife)
            .await
            .expect(201)
            .id();
        let inspection = caseworker
            .post(&format!("/files/{file}/inspections"), inspection("outside_body"))
            .await
            .expect(201)
            .id();
        let drawn = json!({ "organization_id": self.jinghu_basic, "seed": "双色球 2020061 期" });
        let drawer = self.client("supervisor").await;
        let spot_check = drawer.post("/spot-checks", drawn).await.expect(201).id();
        let [relief, borderline] = self.registered(900).await;
        let questionnaire = self.questionnaire().await;
        let answers = json!({ "living": "hard", "insured": true, "said": "盼望就近复查" });
        let visits = format!("/files/{file}/visits");
        let visit = self.visit(&questionnaire, answers);
        caseworker.post(&visits, visit).await.expect(201);
        let [insurance_list, enrolment, insurance_claim] = self.insured(901).await;
        let [flag, flag_run] = self.kept_flag().await;
        let export = self.export("caseworker", "payments").await;
        let auditor = self.client("auditor").await;
        let [audit_task, audit_finding, audit_guest] = self.audited().await;
        let frozen = auditor.post("/audit/samples", sample(&self.jinghu)).await;
        let audit_sample = frozen.expect(201).id();
        let events = auditor
            .get(&format!("/audit/events?subject_id={file}"))
            .await
            .expect(200)
            .items();
        Case {
            organization: self.jinghu_basic.clone(),
            user: self.user_id("caseworker_b"),
            policy: text(&policies[0]),
            member,
            file: file.clone(),
            person: person.clone(),
            objection: self.objection(&file),
            spot_check,
            attachment: self
                .attach("caseworker", &file, "signature", JPEG)
                .await
                .expect(201)
                .id(),
            claim_attachment,
            aid_attachment,
            payment_attachment,
            due_payment,
            account_change,
            recovery,
            instalment,
            inspection,
            duplicate: self.duplicate().await,
            consent: self.consent(&file, &person).await,
            stand_in: self.stand_in("caseworker", "caseworker_b").await,
            transfer: self.send_on(&file, &self.jinghu).await,
            relief,
            borderline,
            questionnaire,
            action,
            claim: lodged,
            aid: helped.rsplit('/').next().unwrap().to_owned(),
            payment,
            movement: self.movement(&fund).await,
            fund,
            line,
            batch,
            batch_line,
            query,
            insurance_list,
            enrolment,
            insurance_claim,
            audit_task,
            audit_finding,
            audit_guest,
            audit_sample,
            witness: self.witness("county.example/witness").await,
            flag,
            flag_run,
            export: export.id(),
            event: events[0]["seq"].as_i64().unwrap(),
        }
    }
}

impl Drop for Town {
    /// Every test checks the invariants, unless it has failed already.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.app.check_invariants();
        }
    }
}

fn units(tx: &mut Tx) -> bangfu::error::Result<[OrganizationId; 5]> {
    let mut open = |parent_id, kind, name: &str, code: &str| {
        let body = serde_json::json!({ "parent_id": parent_id, "kind": kind, "name": name, "code": code, "region_code": "340200" });
        let new: NewOrganization = bangfu::input::read_body(body.to_string().as_bytes())?;
        let id: Id<Organization> = tx.new_id();
        organizations::open(tx, id, new).map(|unit| unit.id)
    };
    let root = open(None, Kind::City, "芜湖市总工会", "340200")?;
    let jinghu = open(Some(root), Kind::District, "镜湖区总工会", "340202")?;
    let jinghu_basic = open(Some(jinghu), Kind::Basic, "镜湖区环卫工会", "340202-01")?;
    let yijiang = open(Some(root), Kind::District, "弋江区总工会", "340203")?;
    let yijiang_basic = open(Some(yijiang), Kind::Basic, "弋江区快递工会", "340203-01")?;
    Ok([root, jinghu, jinghu_basic, yijiang, yijiang_basic])
}

fn account(tx: &Tx, n: usize, username: &str, role: Role, unit: OrganizationId, password_hash: &str) -> User {
    let id_number = id_number(9000 + n);
    let scopes = match role {
        Role::Integration => bangfu::auth::policy::POLICY
            .iter()
            .filter(|(_, roles)| roles.contains(&Role::Integration))
            .map(|(name, _)| (*name).to_owned())
            .collect(),
        _ => Vec::new(),
    };
    User {
        id: tx.new_id(),
        username: username.into(),
        username_key: users::username_key(username),
        name: format!("测试{n}"),
        id_number_sealed: tx.keys.seal("id_number", &id_number).unwrap(),
        person: tx.keys.person(&id_number),
        organization_id: unit,
        roles: Json(vec![role]),
        scopes: Json(scopes),
        disabled: false,
        must_change_password: false,
        password_hash: password_hash.into(),
        password_changed_at: tx.now,
        version: 1,
    }
}

/// The least that passes for a photo.
pub const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\xff\xd9";

/// The `n`th synthetic ID number (prefix 340299, never issued); its check character is right.
pub fn id_number(n: usize) -> String {
    const WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (day, sequence) = (n / 1000, n % 1000);
    let body = format!(
        "340299{:04}{:02}{:02}{sequence:03}",
        1960 + day / 28 % 40,
        1 + day / 1120 % 12,
        1 + day % 28
    );
    let sum: usize = body
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| usize::from(digit - b'0') * weight)
        .sum();
    format!("{body}{}", char::from(b"10X98765432"[sum % 11]))
}

/// A POST that takes part in a race: the sender's token, the path below `/api/v1`, `If-Match`, the body.
#[derive(Clone)]
pub struct Shot {
    pub token: String,
    pub path: String,
    pub etag: Option<String>,
    pub body: Value,
}

/// Fires all shots at once, each from a thread and a copy of the service of its own; status and body of the answers.
pub fn race(town: &Town, shots: Vec<Shot>) -> Vec<(u16, Value)> {
    fire(town, shots, |shot| {
        let request = aimed(&shot.token, &shot.path).set_json(&shot.body);
        match &shot.etag {
            Some(etag) => request.insert_header(("If-Match", etag.as_str())),
            None => request,
        }
    })
}

/// Sends all files at once, in the same way: the sender's token, the path, the content.
pub fn race_files(town: &Town, files: Vec<(String, String, Vec<u8>)>) -> Vec<(u16, Value)> {
    fire(town, files, |(token, path, content)| {
        let csv = ("Content-Type", "text/csv");
        aimed(token, path).insert_header(csv).set_payload(content.clone())
    })
}

fn aimed(token: &str, path: &str) -> TestRequest {
    let request = TestRequest::post().uri(&format!("/api/v1{path}"));
    request.insert_header(("Authorization", format!("Bearer {token}")))
}

fn fire<S: Send + 'static>(town: &Town, shots: Vec<S>, request: fn(&S) -> TestRequest) -> Vec<(u16, Value)> {
    let shared = town.app.shared.clone();
    let ready = Arc::new(std::sync::Barrier::new(shots.len()));
    let fire = move |shot: S| {
        actix_web::rt::System::new().block_on(async {
            let service = test::init_service(bangfu::app::app(&shared)).await;
            let request = request(&shot);
            ready.wait();
            let answer = test::call_service(&service, request.to_request()).await;
            let status = answer.status().as_u16();
            (
                status,
                serde_json::from_slice(&test::read_body(answer).await).unwrap_or_default(),
            )
        })
    };
    let fire = Arc::new(fire);
    let threads: Vec<_> = shots
        .into_iter()
        .map(|shot| {
            let fire = fire.clone();
            std::thread::spawn(move || fire(shot))
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

/// Threads that a race runs with.
pub fn racers<T: Send + 'static>(n: usize, run: impl Fn(usize) -> T + Send + Sync + 'static) -> Vec<T> {
    let (run, start) = (Arc::new(run), Arc::new(std::sync::Barrier::new(n)));
    let threads: Vec<_> = (0..n)
        .map(|i| {
            let (run, start) = (run.clone(), start.clone());
            std::thread::spawn(move || {
                start.wait();
                run(i)
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}
