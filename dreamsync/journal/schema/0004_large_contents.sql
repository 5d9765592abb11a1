-- To find content that is about to be uploaded among what the server has already. Small files travel
-- together and do not pay for it; `INDEXED_ABOVE` in contents.py is the same bound.
CREATE INDEX remote_large ON remote (size, digest) WHERE size > 262144;
