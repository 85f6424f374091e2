//! What must hold in every database, whatever was done and wherever it broke off.

/// Statements that count what must not be.
pub const INVARIANTS: &[(&str, &str)] = &[
    (
        "a ledger lacks one of its five duties",
        "SELECT COUNT(*) AS n FROM ledgers l WHERE (SELECT COUNT(*) FROM duties d WHERE d.file_id = l.file_id AND d.year = l.year) <> 5",
    ),
    (
        "a total of duties is wrong",
        "SELECT COUNT(*) AS n FROM duty_counts c WHERE c.n <> (SELECT COUNT(*) FROM duties d WHERE d.year = c.year \
         AND d.organization_id = c.organization_id AND c.contact_id IN (coalesce(d.contact_id, ''), '*') AND d.kind = c.kind \
         AND d.state = c.state AND (d.state <> 'open' OR d.due_on = c.due_on))",
    ),
    (
        "a total of ledgers is wrong",
        "SELECT COUNT(*) AS n FROM ledger_counts c WHERE c.n <> (SELECT COUNT(*) FROM ledgers l WHERE l.year = c.year \
         AND l.organization_id = c.organization_id AND c.contact_id IN (coalesce(l.contact_id, ''), '*') AND l.complete = c.complete)",
    ),
    (
        "totals and duties differ in sum",
        "SELECT abs((SELECT CAST(coalesce(SUM(n), 0) AS BIGINT) FROM duty_counts) - 2 * (SELECT COUNT(*) FROM duties)) AS n",
    ),
    (
        "totals of all contacts and duties differ in sum",
        "SELECT abs((SELECT CAST(coalesce(SUM(n), 0) AS BIGINT) FROM duty_counts WHERE contact_id = '*') - (SELECT COUNT(*) FROM duties)) AS n",
    ),
    (
        "a file on file has no ledger of the year it came on file",
        "SELECT COUNT(*) AS n FROM files f WHERE f.opened_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledgers l WHERE l.file_id = f.id)",
    ),
    (
        "the balance of an account is not the sum of its movements",
        "SELECT COUNT(*) AS n FROM book_accounts a WHERE a.balance_fen \
         <> (SELECT CAST(coalesce(SUM(m.amount_fen), 0) AS BIGINT) FROM book_movements m WHERE m.to_account_id = a.id) \
          - (SELECT CAST(coalesce(SUM(m.amount_fen), 0) AS BIGINT) FROM book_movements m WHERE m.from_account_id = a.id)",
    ),
    (
        "a payment and the books differ",
        "SELECT COUNT(*) AS n FROM payments p WHERE p.budget_line_id IS NOT NULL AND p.status <> (CASE \
         WHEN EXISTS (SELECT 1 FROM book_movements m WHERE m.payment_id = p.id AND m.kind = 'return') THEN (CASE p.status WHEN 'cancelled' THEN 'cancelled' ELSE 'failed' END) \
         WHEN EXISTS (SELECT 1 FROM book_movements m WHERE m.payment_id = p.id AND m.kind = 'pay') THEN 'paid' \
         WHEN EXISTS (SELECT 1 FROM book_movements m WHERE m.payment_id = p.id AND m.kind = 'release') \
         THEN (CASE p.status WHEN 'cancelled' THEN 'cancelled' ELSE 'failed' END) ELSE 'due' END)",
    ),
    (
        "money was committed, paid or returned for no payment of an approved claim and no approved insurance list",
        "SELECT COUNT(*) AS n FROM book_movements m LEFT JOIN payments p ON p.id = m.payment_id LEFT JOIN insurance_lists l ON l.id = m.insurance_list_id \
         WHERE m.kind IN ('commit', 'pay', 'release', 'return') \
         AND NOT (m.insurance_list_id IS NULL AND p.id IS NOT NULL AND p.amount_fen = m.amount_fen AND p.budget_line_id IS NOT NULL) \
         AND NOT (m.payment_id IS NULL AND l.id IS NOT NULL AND l.total_fen = m.amount_fen AND l.budget_line_id IS NOT NULL AND l.approver_person IS NOT NULL)",
    ),
    (
        "an insurance list and the books differ",
        "SELECT COUNT(*) AS n FROM insurance_lists l WHERE l.budget_line_id IS NOT NULL AND ( \
         NOT EXISTS (SELECT 1 FROM book_movements m WHERE m.insurance_list_id = l.id AND m.kind = 'commit') \
         OR EXISTS (SELECT 1 FROM book_movements m WHERE m.insurance_list_id = l.id AND m.kind = 'pay') <> (l.status IN ('sent', 'in_force')) \
         OR EXISTS (SELECT 1 FROM book_movements m WHERE m.insurance_list_id = l.id AND m.kind = 'release') <> (l.status = 'cancelled'))",
    ),
    (
        "an insurance list and its people differ",
        "SELECT COUNT(*) AS n FROM insurance_lists l WHERE l.head_count <> (SELECT COUNT(*) FROM enrolments e WHERE e.list_id = l.id) \
         OR l.total_fen <> (SELECT CAST(coalesce(SUM(e.premium_fen), 0) AS BIGINT) FROM enrolments e WHERE e.list_id = l.id) \
         OR (l.status = 'in_force' AND EXISTS (SELECT 1 FROM enrolments e WHERE e.list_id = l.id AND e.status = 'listed')) \
         OR (l.status = 'cancelled' AND EXISTS (SELECT 1 FROM enrolments e WHERE e.list_id = l.id AND e.status <> 'voided'))",
    ),
    (
        "somebody has two covers of one plan on one day",
        "SELECT COUNT(*) AS n FROM enrolments a JOIN enrolments b ON b.person = a.person AND b.plan_code = a.plan_code AND b.id > a.id \
         WHERE a.status <> 'voided' AND b.status <> 'voided' \
         AND a.starts_on <= coalesce(b.ended_on, b.ends_on) AND b.starts_on <= coalesce(a.ended_on, a.ends_on)",
    ),
    (
        "a limit of aid is not the sum of its grants",
        "SELECT COUNT(*) AS n FROM aid_limits l WHERE l.used_fen <> (SELECT CAST(coalesce(SUM(a.granted_fen), 0) AS BIGINT) FROM aid_applications a \
         WHERE a.cap = l.cap AND a.cap_subject = l.subject AND a.year = l.year AND a.status IN ('approved', 'paid') AND a.released_at IS NULL)",
    ),
    (
        "granted aid has no payment or no month",
        "SELECT COUNT(*) AS n FROM aid_applications a WHERE a.status IN ('approved', 'paid') AND (NOT EXISTS (SELECT 1 FROM payments p WHERE p.aid_id = a.id) \
         OR NOT EXISTS (SELECT 1 FROM aid_uses u WHERE u.aid_id = a.id AND u.released = (a.released_at IS NOT NULL)))",
    ),
    (
        "an approved claim has no payment",
        "SELECT COUNT(*) AS n FROM illness_claims c WHERE c.status IN ('approved', 'paid') AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.claim_id = c.id)",
    ),
];
