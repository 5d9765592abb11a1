"""The catalogues of texts: what the code says to people, and what Korean has for it.

`./task translations` (`__main__.py`) brings the catalogue up to date with the code and compiles it;
`test_catalogue.py` fails where that was forgotten, `test_marked.py` where a text for people was
never marked.
"""
