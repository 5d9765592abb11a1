"""dreamsync keeps one folder the same on all computers and phones of a person."""

__version__ = "0.1.0"
