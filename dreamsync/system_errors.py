"""What the operating system says went wrong, as a message: its commonest words are translated."""

from dreamsync.message import N_

_WORDS = (
    N_("Address already in use"),
    N_("Cannot assign requested address"),
    N_("Connection refused"),
    N_("Connection reset by peer"),
    N_("Connection timed out"),
    N_("Device or resource busy"),
    N_("Directory not empty"),
    N_("Disk quota exceeded"),
    N_("File exists"),
    N_("File name too long"),
    N_("File too large"),
    N_("Input/output error"),
    N_("Invalid argument"),
    N_("Is a directory"),
    N_("No space left on device"),
    N_("Name or service not known"),
    N_("Network is unreachable"),
    N_("No route to host"),
    N_("No such file or directory"),
    N_("Not a directory"),
    N_("Operation not permitted"),
    N_("Permission denied"),
    N_("Read-only file system"),
    N_("Stale file handle"),
    N_("Temporary failure in name resolution"),
    N_("Text file busy"),
    N_("Too many open files"),
    N_("Transport endpoint is not connected"),
)
_BY_TEXT = {str(word): word for word in _WORDS}


def system_reason(error: OSError) -> str:
    """Without a path and a full stop; as the system says it where it is not known here."""
    said = error.strerror or str(error)
    return _BY_TEXT.get(said, said)
