DROP INDEX audit_events_actor_at;
DROP TABLE event_looks;
DROP TABLE event_people;
