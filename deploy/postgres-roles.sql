-- Two roles for PostgreSQL, so that the service cannot rewrite its own log even when somebody has taken it over:
--
--   bangfu_owner     owns the schema and runs `bangfu migrate`, `bangfu demo` and `bangfu audit retire`; nobody is
--                    connected as this role from day to day
--   bangfu_service   runs `bangfu serve`: of the log it may read all and add to it, and fill in the number and the
--                    hash of an event when it is sealed; nothing else
--
-- Run by a superuser, in the service's own database, after `bangfu migrate`, and again after each later one: a new
-- table can't be reached by the service before. It may be run any number of times, and does all of it or nothing.
--
--   psql --dbname=bangfu --file=deploy/postgres-roles.sql
--
-- Give each role its password afterwards (\password bangfu_owner, \password bangfu_service) and put it into the
-- DATABASE_URL of `migrate` and of `serve`. docs/audit.md says what this protects against, and what not.

\set ON_ERROR_STOP on
BEGIN;

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', name)
FROM unnest(ARRAY['bangfu_owner', 'bangfu_service']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

-- No temporary tables: one called like a table of the log would be found before it.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, bangfu_owner, bangfu_service', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO bangfu_owner, bangfu_service', current_database()) \gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC, bangfu_service;
ALTER SCHEMA public OWNER TO bangfu_owner;
GRANT USAGE ON SCHEMA public TO bangfu_service;

-- Everything in the schema belongs to the owner, whoever migrated first.
SELECT format('ALTER TABLE %s OWNER TO bangfu_owner', oid::regclass)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') \gexec
SELECT format('ALTER ROUTINE %s OWNER TO bangfu_owner', oid::regprocedure)
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e') \gexec

-- Ordinary tables: rows, and nothing else. Which of them may not be changed or deleted, triggers say; the service can
-- neither drop nor disable them, as it owns nothing.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, bangfu_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO bangfu_service;
REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM bangfu_service;

-- The log: read and add.
REVOKE UPDATE, DELETE ON audit_events, event_notes, event_people, event_looks, audit_nodes, audit_checkpoints, audit_cosignatures,
    audit_witnesses, audit_samples
    FROM bangfu_service;
-- Moving old parts to files is the owner's.
REVOKE INSERT, UPDATE, DELETE ON audit_segments FROM bangfu_service;
-- An event is written with its effect, and gets its number and its hash when it is sealed. A trigger lets that happen
-- once.
GRANT UPDATE (seq, hash) ON audit_events TO bangfu_service;
-- A witness is retired, once, and not removed.
GRANT UPDATE (retired_at, version) ON audit_witnesses TO bangfu_service;

-- What an earlier hand may have given away would undo all of it.
DO $$
DECLARE
    excess TEXT;
BEGIN
    SELECT string_agg(what, ', ') INTO excess FROM (
        SELECT 'powers of a superuser' AS what FROM pg_roles
        WHERE rolname = 'bangfu_service' AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
        UNION ALL
        SELECT 'owner of the database' FROM pg_database
        WHERE datname = current_database() AND datdba = 'bangfu_service'::regrole
        UNION ALL
        SELECT 'member of ' || rolname FROM pg_roles
        WHERE rolname <> 'bangfu_service' AND pg_has_role('bangfu_service', oid, 'MEMBER')
        UNION ALL
        SELECT privilege || ' on ' || name
        FROM unnest(ARRAY['audit_events', 'event_notes', 'event_people', 'event_looks', 'audit_nodes', 'audit_checkpoints',
                'audit_cosignatures', 'audit_witnesses', 'audit_segments', 'audit_samples']) AS name,
            unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) AS privilege
        WHERE has_table_privilege('bangfu_service', name, privilege)
    ) AS found;
    IF excess IS NOT NULL THEN
        RAISE EXCEPTION 'bangfu_service has more rights than it may have: %', excess;
    END IF;
END $$;

COMMIT;
