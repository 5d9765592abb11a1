-- The counter `next_node` when the intent was noted: what the server makes of a creation is a node
-- from there on, unless it has one already. Of older intents the server is told of from now on.
ALTER TABLE intent ADD COLUMN next_node INTEGER NOT NULL DEFAULT 0;
UPDATE intent SET next_node = (SELECT value FROM counter WHERE name = 'next_node');
