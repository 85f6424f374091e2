-- Whom an event concerns, by the keyed digest of the ID number: "who saw or changed this person" is one read along the key,
-- however long the log is. The log itself holds ids; this stands beside it, so that a person can be found and forgotten.
CREATE TABLE event_people (
    person   TEXT      NOT NULL,
    at       TIMESTAMP NOT NULL,
    event_id TEXT      NOT NULL REFERENCES audit_events (id),
    PRIMARY KEY (person, at, event_id)
);
CREATE INDEX event_people_event ON event_people (event_id);

-- Events that changed nothing, by who looked and how: seen, exported, printed, searched, audited, signed_in. They are few
-- among the changes, so "what did this user export" has a path of its own.
CREATE TABLE event_looks (
    actor_id TEXT      NOT NULL,
    look     TEXT      NOT NULL,
    at       TIMESTAMP NOT NULL,
    event_id TEXT      NOT NULL REFERENCES audit_events (id),
    PRIMARY KEY (actor_id, look, at, event_id)
);
CREATE INDEX audit_events_actor_at ON audit_events (actor_id, at, id);

-- What was recorded before: an event concerns the people of its subject.
INSERT INTO event_people (person, at, event_id)
SELECT DISTINCT s.person, e.at, e.id FROM audit_events e JOIN (
    SELECT id, person FROM members
    UNION SELECT id, person FROM files
    UNION SELECT id, person FROM illness_claims
    UNION SELECT id, payee_person FROM illness_claims
    UNION SELECT id, person FROM aid_applications
    UNION SELECT id, payee_person FROM aid_applications
    UNION SELECT id, person FROM payments
    UNION SELECT id, payee_person FROM payments
    UNION SELECT r.id, p.person FROM recoveries r JOIN payments p ON p.id = r.payment_id
    UNION SELECT r.id, p.payee_person FROM recoveries r JOIN payments p ON p.id = r.payment_id
    UNION SELECT id, person FROM enrolments
    UNION SELECT list_id, person FROM enrolments
    UNION SELECT id, person FROM insurance_claims
    UNION SELECT id, person FROM temporary_reliefs
    UNION SELECT id, person FROM borderline_entries
    UNION SELECT l.batch_id, p.payee_person FROM batch_lines l JOIN payments p ON p.id = l.payment_id
    UNION SELECT l.batch_id, p.person FROM batch_lines l JOIN payments p ON p.id = l.payment_id
    UNION SELECT a.id, f.person FROM attachments a JOIN files f ON f.id = a.file_id
    UNION SELECT a.id, c.person FROM attachments a JOIN illness_claims c ON c.id = a.claim_id
    UNION SELECT a.id, c.person FROM attachments a JOIN aid_applications c ON c.id = a.aid_id
    UNION SELECT a.id, p.person FROM attachments a JOIN payments p ON p.id = a.payment_id
    UNION SELECT a.id, f.person FROM actions a JOIN files f ON f.id = a.file_id
    UNION SELECT o.id, f.person FROM objections o JOIN files f ON f.id = o.file_id
    UNION SELECT a.id, f.person FROM assessments a JOIN files f ON f.id = a.file_id
    UNION SELECT c.id, f.person FROM consents c JOIN files f ON f.id = c.file_id
    UNION SELECT c.id, f.person FROM follow_ups c JOIN files f ON f.id = c.file_id
    UNION SELECT i.id, f.person FROM file_inspections i JOIN files f ON f.id = i.file_id
    UNION SELECT v.id, f.person FROM campaign_visits v JOIN files f ON f.id = v.file_id
    UNION SELECT t.id, f.person FROM file_transfers t JOIN files f ON f.id = t.file_id
    UNION SELECT d.id, k.person FROM duplicate_pairs d JOIN known_people k ON k.id IN (d.first_id, d.second_id)
    UNION SELECT id, person FROM relatives
) s ON s.id = e.subject_id;

INSERT INTO event_looks (actor_id, look, at, event_id)
SELECT actor_id, CASE
    WHEN action IN ('batch.exported', 'batch.downloaded', 'insurance_list.sent', 'insurance_list.downloaded') THEN 'exported'
    WHEN action = 'duplicate.searched' THEN 'searched'
    WHEN action LIKE 'session.%' OR action IN ('access.refused', 'account.locked') THEN 'signed_in'
    ELSE 'seen' END, at, id
FROM audit_events
WHERE actor_id IS NOT NULL AND (action LIKE 'session.%' OR action LIKE '%.revealed' OR action LIKE '%.attachment_opened'
    OR action IN ('batch.exported', 'batch.downloaded', 'insurance_list.sent', 'insurance_list.downloaded', 'duplicate.searched',
        'access.refused', 'account.locked', 'file.unsealed'));
