DROP TRIGGER event_looks_no_update;
DROP TRIGGER event_looks_no_delete;
DROP TRIGGER event_people_no_update;
DROP TRIGGER event_people_no_delete;
