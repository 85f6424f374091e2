DROP TRIGGER event_looks_append_only ON event_looks;
DROP TRIGGER event_people_append_only ON event_people;
