DROP TRIGGER follow_ups_append_only ON follow_ups;
