-- Where the server will put what it makes of an upload: the file may be elsewhere when it ends. Of
-- those begun before this was noted nobody knows.
DELETE FROM upload_session;
ALTER TABLE upload_session ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE upload_session ADD COLUMN name TEXT NOT NULL DEFAULT '';
