-- Who may have the money of a claim or an application for aid, as it is handed in and as it is granted: of a member who has died an heir and nobody
-- else; heirs and guardians with proof (rules 65, 73). The member is locked against a death recorded at the same moment.
CREATE FUNCTION payee_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE dead BOOLEAN;
BEGIN
    SELECT m.status = 'deceased' INTO dead FROM members m WHERE m.id = NEW.member_id FOR NO KEY UPDATE;
    IF (NEW.payee_kind = 'heir') <> dead THEN
        RAISE EXCEPTION 'heirs are paid when the member has died, and nobody else then';
    END IF;
    IF (SELECT COUNT(DISTINCT a.kind) FROM attachments a WHERE (a.claim_id = NEW.id OR a.aid_id = NEW.id) AND a.voided_at IS NULL
        AND ((NEW.payee_kind = 'heir' AND a.kind IN ('death_certificate', 'kinship_proof'))
            OR (NEW.payee_kind = 'guardian' AND a.kind = 'guardianship_proof')))
        <> (CASE NEW.payee_kind WHEN 'heir' THEN 2 WHEN 'guardian' THEN 1 ELSE 0 END)
    THEN RAISE EXCEPTION 'the payee needs proof'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claims_payee_may_receive BEFORE UPDATE OF status ON illness_claims FOR EACH ROW
WHEN ((NEW.status = 'submitted' AND OLD.status IN ('draft', 'returned')) OR (NEW.status = 'approved' AND OLD.status = 'verified'))
EXECUTE FUNCTION payee_guard();
CREATE TRIGGER aid_payee_may_receive BEFORE UPDATE OF status ON aid_applications FOR EACH ROW
WHEN ((NEW.status = 'submitted' AND OLD.status IN ('draft', 'returned')) OR (NEW.status = 'approved' AND OLD.status = 'verified'))
EXECUTE FUNCTION payee_guard();
-- The last proof of its kind stays while a case rests on it; the case is locked, so that two proofs are not taken away
-- at once and none while the case is handed in.
CREATE FUNCTION proof_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE rests BOOLEAN;
BEGIN
    SELECT c.status IN ('submitted', 'verified', 'approved', 'paid')
            AND ((c.payee_kind = 'heir' AND OLD.kind IN ('death_certificate', 'kinship_proof'))
                OR (c.payee_kind = 'guardian' AND OLD.kind = 'guardianship_proof'))
        INTO rests FROM illness_claims c WHERE c.id = OLD.claim_id FOR NO KEY UPDATE;
    IF rests AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.claim_id = OLD.claim_id AND a.kind = OLD.kind
        AND a.voided_at IS NULL AND a.id <> OLD.id)
    THEN RAISE EXCEPTION 'a claim rests on this proof'; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION aid_proof_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE rests BOOLEAN;
BEGIN
    SELECT c.status IN ('submitted', 'verified', 'approved', 'paid')
            AND ((c.payee_kind = 'heir' AND OLD.kind IN ('death_certificate', 'kinship_proof'))
                OR (c.payee_kind = 'guardian' AND OLD.kind = 'guardianship_proof'))
        INTO rests FROM aid_applications c WHERE c.id = OLD.aid_id FOR NO KEY UPDATE;
    IF rests AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.aid_id = OLD.aid_id AND a.kind = OLD.kind
        AND a.voided_at IS NULL AND a.id <> OLD.id)
    THEN RAISE EXCEPTION 'an application rests on this proof'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attachments_aid_proof_stays BEFORE UPDATE OF voided_at ON attachments FOR EACH ROW
WHEN (NEW.voided_at IS NOT NULL AND OLD.voided_at IS NULL AND OLD.aid_id IS NOT NULL)
EXECUTE FUNCTION aid_proof_stays();
CREATE TRIGGER attachments_proof_stays BEFORE UPDATE OF voided_at ON attachments FOR EACH ROW
WHEN (NEW.voided_at IS NOT NULL AND OLD.voided_at IS NULL AND OLD.claim_id IS NOT NULL)
EXECUTE FUNCTION proof_stays();
-- Nobody has a part on a case that pays them (rule 6).
CREATE FUNCTION part_not_payee() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM illness_claims c WHERE c.id = NEW.case_id AND c.payee_person = NEW.user_person)
        OR EXISTS (SELECT 1 FROM aid_applications a WHERE a.id = NEW.case_id AND a.payee_person = NEW.user_person)
    THEN RAISE EXCEPTION 'nobody handles what pays them'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER case_parts_not_payee BEFORE INSERT ON case_parts FOR EACH ROW EXECUTE FUNCTION part_not_payee();
CREATE FUNCTION payee_no_part() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM case_parts p WHERE p.case_id = NEW.id AND p.user_person = NEW.payee_person)
    THEN RAISE EXCEPTION 'nobody handles what pays them'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claims_payee_no_part BEFORE INSERT ON illness_claims FOR EACH ROW EXECUTE FUNCTION payee_no_part();
CREATE TRIGGER claims_payee_still_no_part BEFORE UPDATE OF payee_person ON illness_claims FOR EACH ROW
WHEN (NEW.payee_person <> OLD.payee_person) EXECUTE FUNCTION payee_no_part();
CREATE TRIGGER aid_payee_no_part BEFORE INSERT ON aid_applications FOR EACH ROW EXECUTE FUNCTION payee_no_part();
CREATE TRIGGER aid_payee_still_no_part BEFORE UPDATE OF payee_person ON aid_applications FOR EACH ROW
WHEN (NEW.payee_person <> OLD.payee_person) EXECUTE FUNCTION payee_no_part();
