-- Who may have the money of a claim or an application for aid, as it is handed in and as it is granted: of a member who has died an heir and nobody
-- else; heirs and guardians with proof (rules 65, 73).
CREATE TRIGGER claims_payee_lives BEFORE UPDATE OF status ON illness_claims
WHEN ((NEW.status = 'submitted' AND OLD.status IN ('draft', 'returned')) OR (NEW.status = 'approved' AND OLD.status = 'verified'))
    AND (NEW.payee_kind = 'heir') <> (SELECT m.status = 'deceased' FROM members m WHERE m.id = NEW.member_id)
BEGIN SELECT RAISE(ABORT, 'heirs are paid when the member has died, and nobody else then'); END;
CREATE TRIGGER claims_payee_proof BEFORE UPDATE OF status ON illness_claims
WHEN ((NEW.status = 'submitted' AND OLD.status IN ('draft', 'returned')) OR (NEW.status = 'approved' AND OLD.status = 'verified'))
    AND (SELECT COUNT(DISTINCT a.kind) FROM attachments a WHERE a.claim_id = NEW.id AND a.voided_at IS NULL
        AND ((NEW.payee_kind = 'heir' AND a.kind IN ('death_certificate', 'kinship_proof'))
            OR (NEW.payee_kind = 'guardian' AND a.kind = 'guardianship_proof')))
        <> CASE NEW.payee_kind WHEN 'heir' THEN 2 WHEN 'guardian' THEN 1 ELSE 0 END
BEGIN SELECT RAISE(ABORT, 'the payee needs proof'); END;
CREATE TRIGGER aid_payee_lives BEFORE UPDATE OF status ON aid_applications
WHEN ((NEW.status = 'submitted' AND OLD.status IN ('draft', 'returned')) OR (NEW.status = 'approved' AND OLD.status = 'verified'))
    AND (NEW.payee_kind = 'heir') <> (SELECT m.status = 'deceased' FROM members m WHERE m.id = NEW.member_id)
BEGIN SELECT RAISE(ABORT, 'heirs are paid when the member has died, and nobody else then'); END;
CREATE TRIGGER aid_payee_proof BEFORE UPDATE OF status ON aid_applications
WHEN ((NEW.status = 'submitted' AND OLD.status IN ('draft', 'returned')) OR (NEW.status = 'approved' AND OLD.status = 'verified'))
    AND (SELECT COUNT(DISTINCT a.kind) FROM attachments a WHERE a.aid_id = NEW.id AND a.voided_at IS NULL
        AND ((NEW.payee_kind = 'heir' AND a.kind IN ('death_certificate', 'kinship_proof'))
            OR (NEW.payee_kind = 'guardian' AND a.kind = 'guardianship_proof')))
        <> CASE NEW.payee_kind WHEN 'heir' THEN 2 WHEN 'guardian' THEN 1 ELSE 0 END
BEGIN SELECT RAISE(ABORT, 'the payee needs proof'); END;
-- The last proof of its kind stays while a case rests on it.
CREATE TRIGGER attachments_proof_stays BEFORE UPDATE OF voided_at ON attachments
WHEN NEW.voided_at IS NOT NULL AND OLD.voided_at IS NULL AND EXISTS (SELECT 1 FROM illness_claims c
        WHERE c.id = OLD.claim_id AND c.status IN ('submitted', 'verified', 'approved', 'paid')
            AND ((c.payee_kind = 'heir' AND OLD.kind IN ('death_certificate', 'kinship_proof'))
                OR (c.payee_kind = 'guardian' AND OLD.kind = 'guardianship_proof')))
    AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.claim_id = OLD.claim_id AND a.kind = OLD.kind
        AND a.voided_at IS NULL AND a.id <> OLD.id)
BEGIN SELECT RAISE(ABORT, 'a claim rests on this proof'); END;
CREATE TRIGGER attachments_aid_proof_stays BEFORE UPDATE OF voided_at ON attachments
WHEN NEW.voided_at IS NOT NULL AND OLD.voided_at IS NULL AND EXISTS (SELECT 1 FROM aid_applications c
        WHERE c.id = OLD.aid_id AND c.status IN ('submitted', 'verified', 'approved', 'paid')
            AND ((c.payee_kind = 'heir' AND OLD.kind IN ('death_certificate', 'kinship_proof'))
                OR (c.payee_kind = 'guardian' AND OLD.kind = 'guardianship_proof')))
    AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.aid_id = OLD.aid_id AND a.kind = OLD.kind
        AND a.voided_at IS NULL AND a.id <> OLD.id)
BEGIN SELECT RAISE(ABORT, 'an application rests on this proof'); END;
-- Nobody has a part on a case that pays them (rule 6).
CREATE TRIGGER case_parts_not_payee BEFORE INSERT ON case_parts
WHEN EXISTS (SELECT 1 FROM illness_claims c WHERE c.id = NEW.case_id AND c.payee_person = NEW.user_person)
    OR EXISTS (SELECT 1 FROM aid_applications a WHERE a.id = NEW.case_id AND a.payee_person = NEW.user_person)
BEGIN SELECT RAISE(ABORT, 'nobody handles what pays them'); END;
CREATE TRIGGER claims_payee_no_part BEFORE INSERT ON illness_claims
WHEN EXISTS (SELECT 1 FROM case_parts p WHERE p.case_id = NEW.id AND p.user_person = NEW.payee_person)
BEGIN SELECT RAISE(ABORT, 'nobody handles what pays them'); END;
CREATE TRIGGER claims_payee_still_no_part BEFORE UPDATE OF payee_person ON illness_claims
WHEN NEW.payee_person <> OLD.payee_person
    AND EXISTS (SELECT 1 FROM case_parts p WHERE p.case_id = NEW.id AND p.user_person = NEW.payee_person)
BEGIN SELECT RAISE(ABORT, 'nobody handles what pays them'); END;
CREATE TRIGGER aid_payee_no_part BEFORE INSERT ON aid_applications
WHEN EXISTS (SELECT 1 FROM case_parts p WHERE p.case_id = NEW.id AND p.user_person = NEW.payee_person)
BEGIN SELECT RAISE(ABORT, 'nobody handles what pays them'); END;
CREATE TRIGGER aid_payee_still_no_part BEFORE UPDATE OF payee_person ON aid_applications
WHEN NEW.payee_person <> OLD.payee_person
    AND EXISTS (SELECT 1 FROM case_parts p WHERE p.case_id = NEW.id AND p.user_person = NEW.payee_person)
BEGIN SELECT RAISE(ABORT, 'nobody handles what pays them'); END;
