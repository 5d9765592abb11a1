-- The journal of one instance: one account, one folder, one device.
-- Nodes are integers; 1 is the synced folder itself and has no row in any tree.
-- kind: 0 file, 1 folder. executable: 0, 1, or null where it is not known.

-- Which node a server's id stands for; made when the id is first heard of, even as a parent only.
CREATE TABLE identity (
    node INTEGER PRIMARY KEY,
    remote_id TEXT NOT NULL UNIQUE
) STRICT;

-- What is on this disk, as last seen.
CREATE TABLE local (
    node INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL,
    name TEXT NOT NULL,         -- on the wire: NFC, unique among siblings
    kind INTEGER NOT NULL,
    disk_name TEXT NOT NULL,    -- as it stands on this disk
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    digest TEXT,                -- null: not read since it changed
    checksum TEXT,
    executable INTEGER
) STRICT;
CREATE UNIQUE INDEX local_place ON local (parent, name);
CREATE INDEX local_inode ON local (inode);

-- What the server has, as far as the feed has told. Not unique by place: within a page a node may
-- arrive at a name before the one that left it is heard of again.
CREATE TABLE remote (
    node INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind INTEGER NOT NULL,
    version INTEGER NOT NULL,
    size INTEGER NOT NULL,
    digest TEXT,
    checksum TEXT,
    executable INTEGER,
    modified_ns INTEGER NOT NULL,
    listing INTEGER NOT NULL    -- the full listing that last named it
) STRICT;
CREATE INDEX remote_place ON remote (parent, name);

-- What both sides last agreed on, with the disk's fingerprint at that moment.
CREATE TABLE base (
    node INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind INTEGER NOT NULL,
    version INTEGER NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    content_size INTEGER NOT NULL,
    digest TEXT,
    checksum TEXT,
    executable INTEGER
) STRICT;
CREATE INDEX base_inode ON base (inode);

-- Nodes the server deleted while this device still had them.
CREATE TABLE tombstone (
    node INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    confirmed INTEGER NOT NULL
) STRICT;

-- The change queue: nodes that must be looked at again.
CREATE TABLE dirty (
    node INTEGER PRIMARY KEY
) STRICT;

-- A mutation noted before it is sent, so that a lost answer never makes a false conflict.
CREATE TABLE intent (
    node INTEGER PRIMARY KEY,
    base_version INTEGER NOT NULL,
    parent INTEGER NOT NULL,
    name TEXT NOT NULL,
    device INTEGER NOT NULL,    -- the file's fingerprint when it was read
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX intent_place ON intent (parent, name);

-- Large uploads that can be resumed: the server's session and the file as it was.
CREATE TABLE upload_session (
    node INTEGER PRIMARY KEY,
    session TEXT NOT NULL,
    base_version INTEGER NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL
) STRICT;

-- One node's failure, with when to try again.
CREATE TABLE problem (
    node INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    hint TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_ms INTEGER NOT NULL
) STRICT;

-- Items on this disk that are left alone, by the folder whose listing found them.
CREATE TABLE skipped (
    path TEXT PRIMARY KEY,
    folder INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX skipped_folder ON skipped (folder);

-- Deletions that wait for the person. side: where they were made.
CREATE TABLE hold (
    id TEXT PRIMARY KEY,
    side TEXT NOT NULL,
    reason TEXT NOT NULL,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE held (
    node INTEGER PRIMARY KEY,
    hold TEXT NOT NULL REFERENCES hold (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    is_file INTEGER NOT NULL
) STRICT;
CREATE INDEX held_hold ON held (hold);

-- Deletions that the person has said yes to and that are not yet executed.
CREATE TABLE approved (
    node INTEGER PRIMARY KEY
) STRICT;

-- Deletions executed, for the guard's rolling window.
CREATE TABLE deletion (
    at_ms INTEGER NOT NULL,
    side TEXT NOT NULL,
    files INTEGER NOT NULL
) STRICT;
CREATE INDEX deletion_at ON deletion (at_ms);

-- What happened, for people.
CREATE TABLE activity (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    act TEXT NOT NULL,
    path TEXT NOT NULL,
    other_path TEXT,
    size INTEGER NOT NULL
) STRICT;

-- Conflict copies: the node of the copy and the name that it lost.
CREATE TABLE conflict (
    node INTEGER PRIMARY KEY,
    original_node INTEGER NOT NULL,
    original TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Totals, kept by the triggers below: counting a million rows at each status would not do.
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('next_node', 2), ('local_files', 0), ('base_files', 0);

CREATE TRIGGER local_added AFTER INSERT ON local WHEN new.kind = 0 BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'local_files';
END;
CREATE TRIGGER local_removed AFTER DELETE ON local WHEN old.kind = 0 BEGIN
    UPDATE counter SET value = value - 1 WHERE name = 'local_files';
END;
CREATE TRIGGER base_added AFTER INSERT ON base WHEN new.kind = 0 BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'base_files';
END;
CREATE TRIGGER base_removed AFTER DELETE ON base WHEN old.kind = 0 BEGIN
    UPDATE counter SET value = value - 1 WHERE name = 'base_files';
END;
