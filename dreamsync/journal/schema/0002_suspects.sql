-- Files that changed while nobody watched although their mtime is that of base: read again before
-- anything is made of them.
CREATE TABLE suspect (
    node INTEGER PRIMARY KEY
) STRICT;
