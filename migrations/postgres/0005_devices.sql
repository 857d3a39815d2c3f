-- The page of somebody who is signed in shows the sessions that were used last. Without the time in the index all
-- sessions of the person are read to find these.
DROP INDEX session_person;
CREATE INDEX session_person ON session (name, source, source_kind, last_seen);
