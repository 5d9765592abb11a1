"""One file for each command, imported when it is called; each defines `command`."""
