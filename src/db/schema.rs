//! Tables as diesel sees them; what they mean stands in `migrations/`.
#![allow(missing_docs)] // the columns are documented in the migrations

diesel::table! {
    organizations (id) {
        id -> Text,
        parent_id -> Nullable<Text>,
        kind -> Text,
        name -> Text,
        code -> Text,
        region_code -> Nullable<Text>,
        status -> Text,
        path -> Text,
        version -> Integer,
    }
}
diesel::table! {
    users (id) {
        id -> Text,
        username -> Text,
        username_key -> Text,
        name -> Text,
        id_number_sealed -> Text,
        person -> Text,
        organization_id -> Text,
        roles -> Text,
        scopes -> Text,
        disabled -> Bool,
        must_change_password -> Bool,
        password_hash -> Text,
        password_changed_at -> Timestamp,
        version -> Integer,
    }
}
diesel::table! {
    login_attempts (name_hash) {
        name_hash -> Text,
        user_id -> Nullable<Text>,
        failures -> Integer,
        last_at -> Timestamp,
        locked_until -> Nullable<Timestamp>,
    }
}
diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}
diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Text,
        session_id -> Text,
        issued_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}
diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        private_sealed -> Text,
        public_x -> Text,
        created_at -> Timestamp,
    }
}
diesel::table! {
    policies (id) {
        id -> Text,
        kind -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        region_code -> Nullable<Text>,
        rules -> Text,
        status -> Text,
        created_by -> Nullable<Text>,
        approved_by -> Nullable<Text>,
        approved_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}
diesel::table! {
    members (id) {
        id -> Text,
        organization_id -> Text,
        name -> Text,
        id_number_sealed -> Text,
        person -> Text,
        phone_sealed -> Nullable<Text>,
        phone_hash -> Nullable<Text>,
        sex -> Text,
        birth_date -> Date,
        status -> Text,
        joined_on -> Date,
        group_code -> Nullable<Text>,
        employer -> Nullable<Text>,
        recorder_id -> Text,
        merged_into -> Nullable<Text>,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    member_statuses (id) {
        id -> Text,
        member_id -> Text,
        status -> Text,
        effective_on -> Date,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}
diesel::table! {
    member_transfers (id) {
        id -> Text,
        member_id -> Text,
        from_organization_id -> Text,
        organization_id -> Text,
        effective_on -> Date,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}
diesel::table! {
    case_parts (case_id, user_id) {
        case_id -> Text,
        user_id -> Text,
        part -> Text,
        round -> Integer,
        user_person -> Text,
        subject_person -> Text,
    }
}
diesel::table! {
    files (id) {
        id -> Text,
        number -> Text,
        member_id -> Text,
        person -> Text,
        organization_id -> Text,
        status -> Text,
        scheme -> Text,
        category -> Text,
        level -> Text,
        primary_cause -> Text,
        secondary_causes -> Text,
        contact_id -> Nullable<Text>,
        opened_on -> Nullable<Date>,
        closed_on -> Nullable<Date>,
        closed_reason -> Nullable<Text>,
        episode -> Integer,
        former_id -> Nullable<Text>,
        stage -> Nullable<Text>,
        due_on -> Nullable<Date>,
        paper_due_on -> Nullable<Date>,
        reviews -> Integer,
        round -> Integer,
        steps -> Text,
        recorder_id -> Text,
        approver_id -> Nullable<Text>,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    code_values (list, code, valid_from) {
        list -> Text,
        code -> Text,
        zh -> Text,
        en -> Text,
        standard -> Nullable<Text>,
        standard_code -> Nullable<Text>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        place -> Integer,
    }
}
diesel::table! {
    file_profiles (file_id) {
        file_id -> Text,
        sealed -> Text,
    }
}
diesel::table! {
    household_people (id) {
        id -> Text,
        file_id -> Text,
        person -> Text,
        relation -> Text,
        joined_on -> Date,
        left_on -> Nullable<Date>,
        live -> Bool,
        sealed -> Text,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    file_revisions (file_id, version) {
        file_id -> Text,
        version -> Integer,
        at -> Timestamp,
        changed_by -> Text,
        action -> Text,
        reason -> Nullable<Text>,
        fields -> Text,
        changes_sealed -> Text,
    }
}
diesel::table! {
    calendar_years (year) {
        year -> Integer,
        source -> Text,
        version -> Integer,
    }
}
diesel::table! {
    calendar_days (day) {
        day -> Date,
        working -> Bool,
        name -> Text,
    }
}
diesel::table! {
    file_steps (id) {
        id -> Text,
        file_id -> Text,
        round -> Integer,
        stage -> Text,
        done_on -> Date,
        done_by -> Text,
        recorded_at -> Timestamp,
        sealed -> Text,
    }
}
diesel::table! {
    public_notices (id) {
        id -> Text,
        file_id -> Text,
        round -> Integer,
        name_masked -> Text,
        unit_name -> Text,
        category -> Text,
        from_on -> Date,
        until_on -> Date,
        taken_down -> Bool,
        published_by -> Text,
    }
}
diesel::table! {
    objections (id) {
        id -> Text,
        file_id -> Text,
        round -> Integer,
        lodged_at -> Timestamp,
        recorded_by -> Text,
        recorder_person -> Text,
        sealed -> Text,
        outcome -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Text>,
        decider_person -> Nullable<Text>,
        version -> Integer,
    }
}
diesel::table! {
    regions (code) {
        code -> Text,
        name -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        successor -> Nullable<Text>,
    }
}
diesel::table! {
    file_means (file_id) {
        file_id -> Text,
        sealed -> Text,
    }
}
diesel::table! {
    assessments (id) {
        id -> Text,
        file_id -> Text,
        file_version -> Integer,
        assessed_at -> Timestamp,
        assessed_by -> Text,
        policy_id -> Text,
        line_id -> Text,
        excluded -> Bool,
        sealed -> Text,
    }
}
diesel::table! {
    exclusion_overrides (file_id, round) {
        file_id -> Text,
        round -> Integer,
        overridden_by -> Text,
        overridden_at -> Timestamp,
        reason_sealed -> Text,
    }
}
diesel::table! {
    relatives (id) {
        id -> Text,
        user_person -> Text,
        person -> Text,
        relation -> Text,
        id_number_sealed -> Text,
        declared_at -> Timestamp,
    }
}
diesel::table! {
    file_exits (file_id) {
        file_id -> Text,
        confirmed_by -> Text,
        sealed -> Text,
    }
}
diesel::table! {
    file_reviews (file_id, year) {
        file_id -> Text,
        year -> Integer,
        reviewed_on -> Date,
        reviewed_by -> Text,
        result -> Text,
        note_sealed -> Nullable<Text>,
    }
}
diesel::table! {
    follow_ups (id) {
        id -> Text,
        file_id -> Text,
        called_on -> Date,
        reached -> Text,
        outcome -> Nullable<Text>,
        notes_sealed -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}
diesel::table! {
    file_follow_up_plans (file_id) {
        file_id -> Text,
        months -> Text,
        next_on -> Nullable<Date>,
        last_outcome -> Nullable<Text>,
    }
}
diesel::table! {
    file_inspections (id) {
        id -> Text,
        file_id -> Text,
        inspector -> Text,
        status -> Text,
        sealed -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Text,
        recorder_person -> Text,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Text>,
        decider_person -> Nullable<Text>,
        version -> Integer,
    }
}
diesel::table! {
    spot_checks (id) {
        id -> Text,
        organization_id -> Text,
        year -> Integer,
        seed -> Text,
        percent -> Integer,
        population -> Text,
        sample -> Text,
        drawn_at -> Timestamp,
        drawn_by -> Text,
    }
}
diesel::table! {
    temporary_reliefs (id) {
        id -> Text,
        member_id -> Text,
        person -> Text,
        organization_id -> Text,
        status -> Text,
        cause -> Text,
        happened_on -> Date,
        amount_fen -> Nullable<BigInt>,
        situation_sealed -> Text,
        file_id -> Nullable<Text>,
        cancel_reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}
diesel::table! {
    borderline_entries (id) {
        id -> Text,
        member_id -> Text,
        person -> Text,
        organization_id -> Text,
        assessment_file_id -> Nullable<Text>,
        sealed -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        removed_reason -> Nullable<Text>,
        comment_sealed -> Nullable<Text>,
        removed_by -> Nullable<Text>,
        removed_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}
diesel::table! {
    questionnaires (id) {
        id -> Text,
        name -> Text,
        version -> Integer,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        questions -> Text,
        created_by -> Text,
        created_at -> Timestamp,
    }
}
diesel::table! {
    campaign_visits (id) {
        id -> Text,
        file_id -> Text,
        organization_id -> Text,
        questionnaire_id -> Text,
        visited_on -> Date,
        visitors -> Text,
        met -> Text,
        answers_sealed -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}
diesel::table! {
    pairings (id) {
        id -> Text,
        file_id -> Text,
        contact_id -> Text,
        from_at -> Timestamp,
        until_at -> Nullable<Timestamp>,
        paired_by -> Text,
    }
}
diesel::table! {
    file_changes (id) {
        id -> Text,
        file_id -> Text,
        changed_at -> Timestamp,
        changed_by -> Text,
    }
}
diesel::table! {
    actions (id) {
        id -> Text,
        file_id -> Text,
        organization_id -> Text,
        kind -> Text,
        occurred_at -> Timestamp,
        performed_by -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        details_sealed -> Text,
        voided_at -> Nullable<Timestamp>,
        voided_by -> Nullable<Text>,
        void_reason_sealed -> Nullable<Text>,
        version -> Integer,
    }
}
diesel::table! {
    waivers (id) {
        id -> Text,
        file_id -> Text,
        year -> Integer,
        kind -> Text,
        disposition -> Text,
        reason_code -> Text,
        comment_sealed -> Nullable<Text>,
        decided_by -> Text,
        decided_at -> Timestamp,
        reinstated_by -> Nullable<Text>,
        reinstated_at -> Nullable<Timestamp>,
    }
}
diesel::table! {
    ledgers (file_id, year) {
        file_id -> Text,
        year -> Integer,
        organization_id -> Text,
        contact_id -> Nullable<Text>,
        policy_id -> Text,
        complete -> Bool,
        version -> Integer,
    }
}
diesel::table! {
    duties (file_id, year, kind) {
        file_id -> Text,
        year -> Integer,
        kind -> Text,
        organization_id -> Text,
        contact_id -> Nullable<Text>,
        state -> Text,
        due_on -> Date,
        done_on -> Nullable<Date>,
        action_id -> Nullable<Text>,
        waiver_id -> Nullable<Text>,
    }
}
diesel::table! {
    ledger_counts (year, organization_id, contact_id, complete) {
        organization_id -> Text,
        contact_id -> Text,
        year -> Integer,
        complete -> Bool,
        n -> BigInt,
    }
}
diesel::table! {
    duty_counts (year, organization_id, contact_id, kind, state, due_on) {
        organization_id -> Text,
        contact_id -> Text,
        year -> Integer,
        kind -> Text,
        state -> Text,
        due_on -> Date,
        n -> BigInt,
    }
}
diesel::table! {
    illness_claims (id) {
        id -> Text,
        number -> Text,
        member_id -> Text,
        person -> Text,
        organization_id -> Text,
        programme_year -> Integer,
        payee_kind -> Text,
        payee_person -> Text,
        details_sealed -> Text,
        status -> Text,
        assessment_sealed -> Nullable<Text>,
        decisions_sealed -> Text,
        submitted_on -> Nullable<Date>,
        round -> Integer,
        recorder_id -> Text,
        verifier_id -> Nullable<Text>,
        approver_id -> Nullable<Text>,
        approved_at -> Nullable<Timestamp>,
        released_at -> Nullable<Timestamp>,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    settlement_uses (claim_id, number_hash) {
        number_hash -> Text,
        claim_id -> Text,
        released -> Bool,
    }
}
diesel::table! {
    file_openings (file_id, user_id, opened_on) {
        file_id -> Text,
        user_id -> Text,
        opened_on -> Date,
    }
}
diesel::table! {
    aid_applications (id) {
        id -> Text,
        number -> Text,
        file_id -> Nullable<Text>,
        member_id -> Text,
        person -> Text,
        organization_id -> Text,
        kind -> Text,
        period -> Text,
        year -> Integer,
        payee_kind -> Text,
        payee_person -> Text,
        details_sealed -> Text,
        settlement_hash -> Nullable<Text>,
        status -> Text,
        assessment_sealed -> Nullable<Text>,
        decisions_sealed -> Text,
        warned -> Bool,
        confirmed_by -> Nullable<Text>,
        needs_file -> Bool,
        level -> Nullable<Text>,
        granted_fen -> Nullable<BigInt>,
        cap -> Nullable<Text>,
        cap_subject -> Nullable<Text>,
        released_at -> Nullable<Timestamp>,
        submitted_on -> Nullable<Date>,
        round -> Integer,
        recorder_id -> Text,
        verifier_id -> Nullable<Text>,
        approver_id -> Nullable<Text>,
        approved_at -> Nullable<Timestamp>,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    aid_uses (aid_id, person, month) {
        aid_id -> Text,
        person -> Text,
        kind -> Text,
        month -> Text,
        released -> Bool,
    }
}
diesel::table! {
    aid_limits (cap, subject, year) {
        cap -> Text,
        subject -> Text,
        year -> Integer,
        limit_fen -> BigInt,
        used_fen -> BigInt,
    }
}
diesel::table! {
    funds (id) {
        id -> Text,
        organization_id -> Text,
        code -> Text,
        name -> Text,
        source -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> Integer,
    }
}
diesel::table! {
    fund_kinds (fund_id, aid_kind) {
        fund_id -> Text,
        aid_kind -> Text,
    }
}
diesel::table! {
    budget_lines (id) {
        id -> Text,
        fund_id -> Text,
        organization_id -> Text,
        year -> Integer,
        aid_kind -> Text,
        version -> Integer,
    }
}
diesel::table! {
    book_accounts (id) {
        id -> Text,
        fund_id -> Text,
        line_id -> Nullable<Text>,
        kind -> Text,
        balance_fen -> BigInt,
    }
}
diesel::table! {
    book_movements (id) {
        id -> Text,
        kind -> Text,
        fund_id -> Text,
        from_account_id -> Text,
        from_kind -> Text,
        to_account_id -> Text,
        to_kind -> Text,
        amount_fen -> BigInt,
        payment_id -> Nullable<Text>,
        reverses_id -> Nullable<Text>,
        reference -> Nullable<Text>,
        actor_id -> Text,
        at -> Timestamp,
        insurance_list_id -> Nullable<Text>,
    }
}
diesel::table! {
    bank_layouts (id) {
        id -> Text,
        code -> Text,
        revision -> Integer,
        name -> Text,
        layout -> Text,
        created_by -> Nullable<Text>,
        created_at -> Timestamp,
    }
}
diesel::table! {
    payment_batches (id) {
        id -> Text,
        number -> Text,
        organization_id -> Text,
        layout_id -> Text,
        status -> Text,
        line_count -> Integer,
        total_fen -> BigInt,
        made_by -> Text,
        maker_person -> Text,
        checked_by -> Nullable<Text>,
        checker_person -> Nullable<Text>,
        approved_by -> Nullable<Text>,
        approver_person -> Nullable<Text>,
        exported_by -> Nullable<Text>,
        exporter_person -> Nullable<Text>,
        exported_at -> Nullable<Timestamp>,
        settled_by -> Nullable<Text>,
        settler_person -> Nullable<Text>,
        closed_by -> Nullable<Text>,
        closer_person -> Nullable<Text>,
        content_hash -> Nullable<Text>,
        version -> Integer,
        updated_at -> Timestamp,
        content_sealed -> Nullable<Text>,
    }
}
diesel::table! {
    batch_lines (id) {
        id -> Text,
        batch_id -> Text,
        reference -> Text,
        payment_id -> Text,
        amount_fen -> BigInt,
        status -> Text,
        blocked_reason -> Nullable<Text>,
        return_code -> Nullable<Text>,
    }
}
diesel::table! {
    bank_answers (id) {
        id -> Text,
        batch_id -> Text,
        content_hash -> Text,
        imported_by -> Text,
        imported_at -> Timestamp,
        paid -> Integer,
        returned -> Integer,
        unchanged -> Integer,
        queued -> Integer,
    }
}
diesel::table! {
    bank_answer_queries (id) {
        id -> Text,
        batch_id -> Text,
        answer_id -> Text,
        line -> Integer,
        problem -> Text,
        sealed -> Text,
        resolved_by -> Nullable<Text>,
        resolved_at -> Nullable<Timestamp>,
        resolution -> Nullable<Text>,
    }
}
diesel::table! {
    insurance_plans (id) {
        id -> Text,
        code -> Text,
        revision -> Integer,
        name -> Text,
        insurer -> Text,
        share_price_fen -> BigInt,
        term_months -> Integer,
        age_from -> Integer,
        age_to -> Integer,
        max_shares -> Integer,
        equal_shares -> Bool,
        apply_from -> Nullable<Date>,
        apply_to -> Nullable<Date>,
        for_groups -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        created_by -> Nullable<Text>,
        created_at -> Timestamp,
    }
}
diesel::table! {
    insurance_lists (id) {
        id -> Text,
        number -> Text,
        organization_id -> Text,
        plan_id -> Text,
        plan_code -> Text,
        share_price_fen -> BigInt,
        payer -> Text,
        starts_on -> Date,
        ends_on -> Date,
        status -> Text,
        head_count -> Integer,
        total_fen -> BigInt,
        budget_line_id -> Nullable<Text>,
        recorded_by -> Text,
        recorder_person -> Text,
        submitted_by -> Nullable<Text>,
        submitter_person -> Nullable<Text>,
        approved_by -> Nullable<Text>,
        approver_person -> Nullable<Text>,
        approved_on -> Nullable<Date>,
        sent_by -> Nullable<Text>,
        sender_person -> Nullable<Text>,
        sent_at -> Nullable<Timestamp>,
        paid_on -> Nullable<Date>,
        reference -> Nullable<Text>,
        content_sealed -> Nullable<Text>,
        content_hash -> Nullable<Text>,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    enrolments (id) {
        id -> Text,
        list_id -> Text,
        line -> Integer,
        plan_code -> Text,
        member_id -> Text,
        person -> Text,
        organization_id -> Text,
        group_code -> Nullable<Text>,
        shares -> Integer,
        share_price_fen -> BigInt,
        premium_fen -> BigInt,
        starts_on -> Date,
        ends_on -> Date,
        start_year -> Integer,
        status -> Text,
        confirmed_on -> Nullable<Date>,
        policy_number_sealed -> Nullable<Text>,
        ended_on -> Nullable<Date>,
        end_reason -> Nullable<Text>,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    insurance_claims (id) {
        id -> Text,
        enrolment_id -> Text,
        member_id -> Text,
        person -> Text,
        organization_id -> Text,
        happened_on -> Date,
        reported_on -> Date,
        status -> Text,
        decided_on -> Nullable<Date>,
        amount_fen -> Nullable<BigInt>,
        details_sealed -> Text,
        illness_claim_id -> Nullable<Text>,
        recorded_by -> Text,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    payments (id) {
        id -> Text,
        claim_id -> Nullable<Text>,
        aid_id -> Nullable<Text>,
        kind -> Text,
        person -> Text,
        payee_person -> Text,
        account_hash -> Text,
        replaces_id -> Nullable<Text>,
        organization_id -> Text,
        payee_sealed -> Text,
        amount_fen -> BigInt,
        status -> Text,
        approved_on -> Date,
        paid_on -> Nullable<Date>,
        method -> Nullable<Text>,
        reference -> Nullable<Text>,
        fail_reason -> Nullable<Text>,
        comment_sealed -> Nullable<Text>,
        recorder_id -> Text,
        verifier_id -> Text,
        approver_id -> Text,
        payer_id -> Nullable<Text>,
        budget_line_id -> Nullable<Text>,
        cash_sealed -> Nullable<Text>,
        payee_signature_id -> Nullable<Text>,
        handler_signature_id -> Nullable<Text>,
        proxy_id -> Nullable<Text>,
        agent_person -> Nullable<Text>,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    audit_tasks (id) {
        id -> Text,
        organization_id -> Text,
        audited_organization_id -> Text,
        fund_id -> Nullable<Text>,
        year -> Integer,
        due_on -> Date,
        status -> Text,
        started_at -> Nullable<Timestamp>,
        started_by -> Nullable<Text>,
        finished_at -> Nullable<Timestamp>,
        finished_by -> Nullable<Text>,
        conclusion_sealed -> Nullable<Text>,
        version -> Integer,
    }
}
diesel::table! {
    audit_findings (id) {
        id -> Text,
        task_id -> Text,
        audited_organization_id -> Text,
        severity -> Text,
        subject_type -> Nullable<Text>,
        subject_id -> Nullable<Text>,
        said_sealed -> Text,
        answer_sealed -> Nullable<Text>,
        rectify_by -> Date,
        status -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Text,
        recorder_person -> Text,
        answered_at -> Nullable<Timestamp>,
        answered_by -> Nullable<Text>,
        answerer_person -> Nullable<Text>,
        closed_at -> Nullable<Timestamp>,
        closed_by -> Nullable<Text>,
        closer_person -> Nullable<Text>,
        version -> Integer,
    }
}
diesel::table! {
    audit_guests (id) {
        id -> Text,
        task_id -> Text,
        user_id -> Text,
        from_on -> Date,
        until_on -> Date,
        granted_by -> Text,
        granted_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<Text>,
        version -> Integer,
    }
}
diesel::table! {
    audit_samples (id) {
        id -> Text,
        task_id -> Nullable<Text>,
        organization_id -> Text,
        population_of -> Text,
        from_on -> Date,
        to_on -> Date,
        method -> Text,
        stratify_by -> Nullable<Text>,
        size -> BigInt,
        population -> Text,
        population_size -> BigInt,
        digest -> Text,
        frozen_at -> Timestamp,
        frozen_by -> Text,
    }
}
diesel::table! {
    bars (id) {
        id -> Text,
        person -> Text,
        recovery_id -> Text,
        from_on -> Date,
        free_from -> Nullable<Date>,
    }
}
diesel::table! {
    recoveries (id) {
        id -> Text,
        number -> Text,
        payment_id -> Text,
        organization_id -> Text,
        reason_code -> Text,
        comment_sealed -> Text,
        amount_fen -> BigInt,
        repaid_fen -> BigInt,
        status -> Text,
        claimed_by -> Text,
        claimed_on -> Date,
        proposed_by -> Nullable<Text>,
        proposer_person -> Nullable<Text>,
        confirmed_by -> Nullable<Text>,
        confirmer_person -> Nullable<Text>,
        closed_on -> Nullable<Date>,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    recovery_instalments (id) {
        id -> Text,
        recovery_id -> Text,
        received_on -> Date,
        amount_fen -> BigInt,
        reference -> Text,
        reverses_id -> Nullable<Text>,
        movement_id -> Nullable<Text>,
        booked_by -> Text,
        booked_at -> Timestamp,
    }
}
diesel::table! {
    account_changes (id) {
        id -> Text,
        payment_id -> Text,
        account_sealed -> Text,
        status -> Text,
        proposed_by -> Text,
        proposer_person -> Text,
        proposed_at -> Timestamp,
        decided_by -> Nullable<Text>,
        decider_person -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}
diesel::table! {
    known_people (id) {
        id -> Text,
        kind -> Text,
        person -> Text,
        organization_id -> Text,
        file_id -> Nullable<Text>,
        facts_sealed -> Text,
    }
}
diesel::table! {
    person_keys (known_id, kind, key) {
        known_id -> Text,
        kind -> Text,
        key -> Text,
    }
}
diesel::table! {
    duplicate_pairs (id) {
        id -> Text,
        first_id -> Text,
        second_id -> Text,
        score -> Integer,
        reasons -> Text,
        status -> Text,
        found_at -> Timestamp,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}
diesel::table! {
    duplicate_sides (pair_id, known_id) {
        pair_id -> Text,
        known_id -> Text,
        organization_id -> Text,
    }
}
diesel::table! {
    consents (id) {
        id -> Text,
        file_id -> Text,
        person_id -> Text,
        purpose -> Text,
        text_version -> Text,
        given_on -> Date,
        guardian_id -> Nullable<Text>,
        attachment_id -> Nullable<Text>,
        withdrawn_on -> Nullable<Date>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        version -> Integer,
    }
}
diesel::table! {
    stand_ins (id) {
        id -> Text,
        contact_id -> Text,
        stand_in_id -> Text,
        organization_id -> Text,
        from_on -> Date,
        until_on -> Date,
        ended_at -> Nullable<Timestamp>,
        set_by -> Text,
        version -> Integer,
    }
}
diesel::table! {
    file_transfers (id) {
        id -> Text,
        file_id -> Text,
        from_organization_id -> Text,
        organization_id -> Text,
        reason_code -> Text,
        comment_sealed -> Nullable<Text>,
        status -> Text,
        handed_over -> Nullable<Text>,
        requested_at -> Timestamp,
        requested_by -> Text,
        requester_person -> Text,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Text>,
        decider_person -> Nullable<Text>,
        version -> Integer,
    }
}
diesel::table! {
    attachment_contents (address) {
        address -> Text,
        sealed -> Text,
    }
}
diesel::table! {
    attachments (id) {
        id -> Text,
        file_id -> Nullable<Text>,
        claim_id -> Nullable<Text>,
        aid_id -> Nullable<Text>,
        payment_id -> Nullable<Text>,
        kind -> Text,
        media_type -> Text,
        size_bytes -> Integer,
        address -> Nullable<Text>,
        attached_by -> Text,
        attached_at -> Timestamp,
        voided_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}
diesel::table! {
    audit_events (id) {
        id -> Text,
        seq -> Nullable<BigInt>,
        at -> Timestamp,
        actor_id -> Nullable<Text>,
        actor_role -> Text,
        organization_id -> Nullable<Text>,
        action -> Text,
        subject_type -> Text,
        subject_id -> Nullable<Text>,
        fields -> Text,
        before -> Text,
        reason -> Nullable<Text>,
        request_id -> Text,
        hash -> Nullable<Text>,
    }
}
diesel::table! {
    event_notes (event_id) {
        event_id -> Text,
        note_sealed -> Text,
    }
}
diesel::table! {
    event_people (person, at, event_id) {
        person -> Text,
        at -> Timestamp,
        event_id -> Text,
    }
}
diesel::table! {
    event_looks (actor_id, look, at, event_id) {
        actor_id -> Text,
        look -> Text,
        at -> Timestamp,
        event_id -> Text,
    }
}
diesel::table! {
    audit_checkpoints (size) {
        size -> BigInt,
        root -> Text,
        at -> Timestamp,
        note -> Text,
    }
}
diesel::table! {
    audit_nodes (level, place) {
        level -> Integer,
        place -> BigInt,
        hash -> Text,
    }
}
diesel::table! {
    audit_segments (to_seq) {
        to_seq -> BigInt,
        from_seq -> BigInt,
        manifest_hash -> Text,
        retired_at -> Timestamp,
    }
}
diesel::table! {
    audit_witnesses (id) {
        id -> Text,
        key -> Text,
        created_by -> Text,
        created_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}
diesel::table! {
    audit_cosignatures (size, witness_id) {
        size -> BigInt,
        witness_id -> Text,
        line -> Text,
        at -> Timestamp,
    }
}
diesel::table! {
    record_versions (subject_id, version) {
        subject_id -> Text,
        version -> Integer,
        fields -> Text,
    }
}
diesel::table! {
    series (name) {
        name -> Text,
        last -> BigInt,
    }
}
diesel::table! {
    idempotency_keys (caller_id, operation, key_hash) {
        caller_id -> Text,
        operation -> Text,
        key_hash -> Text,
        body_hash -> Text,
        answer_sealed -> Text,
        created_at -> Timestamp,
    }
}
diesel::table! {
    client_ids (id) {
        id -> Text,
        caller_id -> Text,
        body_hash -> Text,
    }
}
diesel::table! {
    audit_flag_runs (id) {
        id -> Text,
        organization_id -> Text,
        cause -> Text,
        started_by -> Nullable<Text>,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        from_on -> Date,
        to_on -> Date,
        status -> Text,
        found -> BigInt,
        opened -> BigInt,
        came_back -> BigInt,
        changed -> BigInt,
        gone -> BigInt,
        failed -> Text,
    }
}
diesel::table! {
    audit_flags (id) {
        id -> Text,
        code -> Text,
        severity -> Text,
        subject_type -> Text,
        subject_id -> Text,
        part -> Text,
        organization_id -> Text,
        on_day -> Date,
        amount_fen -> Nullable<BigInt>,
        evidence -> Text,
        status -> Text,
        opened_because -> Text,
        first_found_on -> Date,
        last_found_on -> Date,
        gone_on -> Nullable<Date>,
        dismissed_by -> Nullable<Text>,
        dismissed_at -> Nullable<Timestamp>,
        dismissal_code -> Nullable<Text>,
        run_id -> Text,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::table! {
    audit_flag_turn (id) {
        id -> Integer,
        run_id -> Nullable<Text>,
        until_at -> Timestamp,
        nightly_on -> Date,
    }
}
diesel::table! {
    exports (id) {
        id -> Text,
        organization_id -> Text,
        list -> Text,
        filter -> Text,
        format -> Text,
        clear -> Bool,
        reason -> Text,
        status -> Text,
        expected_rows -> BigInt,
        most_rows -> BigInt,
        requested_by -> Text,
        requester_person -> Text,
        requested_at -> Timestamp,
        decided_by -> Nullable<Text>,
        decider_person -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        expires_at -> Timestamp,
        downloads -> Integer,
        version -> Integer,
        updated_at -> Timestamp,
    }
}
diesel::allow_tables_to_appear_in_same_query!(
    organizations,
    users,
    login_attempts,
    sessions,
    refresh_tokens,
    signing_keys,
    policies,
    members,
    member_statuses,
    member_transfers,
    case_parts,
    files,
    code_values,
    file_profiles,
    household_people,
    file_revisions,
    calendar_years,
    calendar_days,
    file_steps,
    public_notices,
    objections,
    regions,
    file_means,
    assessments,
    exclusion_overrides,
    relatives,
    known_people,
    person_keys,
    duplicate_pairs,
    duplicate_sides,
    consents,
    stand_ins,
    file_transfers,
    attachment_contents,
    attachments,
    file_exits,
    file_reviews,
    spot_checks,
    follow_ups,
    file_follow_up_plans,
    file_inspections,
    file_openings,
    temporary_reliefs,
    borderline_entries,
    questionnaires,
    campaign_visits,
    pairings,
    file_changes,
    actions,
    waivers,
    ledgers,
    duties,
    ledger_counts,
    duty_counts,
    illness_claims,
    settlement_uses,
    aid_applications,
    aid_uses,
    aid_limits,
    funds,
    fund_kinds,
    budget_lines,
    book_accounts,
    book_movements,
    bank_layouts,
    payment_batches,
    batch_lines,
    bank_answers,
    bank_answer_queries,
    audit_tasks,
    audit_findings,
    audit_guests,
    audit_samples,
    bars,
    recoveries,
    recovery_instalments,
    account_changes,
    insurance_plans,
    insurance_lists,
    enrolments,
    insurance_claims,
    payments,
    audit_flag_runs,
    audit_flags,
    audit_flag_turn,
    exports,
    audit_events,
    event_notes,
    event_people,
    event_looks,
    audit_checkpoints,
    audit_nodes,
    audit_segments,
    audit_witnesses,
    audit_cosignatures,
    record_versions,
    series,
    idempotency_keys,
    client_ids,
);
diesel::joinable!(files -> members (member_id));
diesel::joinable!(duties -> files (file_id));
diesel::joinable!(ledgers -> files (file_id));
diesel::joinable!(file_follow_up_plans -> files (file_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(users -> organizations (organization_id));
diesel::joinable!(event_people -> audit_events (event_id));
diesel::joinable!(event_looks -> audit_events (event_id));
