DROP TRIGGER follow_ups_no_update;
DROP TRIGGER follow_ups_no_delete;
