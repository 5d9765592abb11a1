"""Words of a fixed set that `--json` tells as they are and a person reads in their language."""

from dreamsync.i18n import translated
from dreamsync.message import N_

_WORDS = (
    # How an item stands (`ls`).
    N_("synced"), N_("pending"), N_("held"), N_("ignored"), N_("problem"),
    # What a version changed (`history`).
    N_("created"), N_("edited"), N_("moved"), N_("executable"), N_("deleted"), N_("restored"),
    # Why something is in the trash; `deleted`, too.
    N_("replaced"), N_("conflict resolved"),
    # What `doctor` looks at.
    N_("configuration"), N_("permissions"), N_("folder"), N_("file-system"), N_("disk-space"),
    N_("watch-limit"), N_("second-client"), N_("journal"), N_("secrets"), N_("server"), N_("clock"),
    N_("daemon"),
    # What `doctor` finds: where the sign-in is, and how the daemon is.
    N_("file"), N_("keyring"), N_("starting"), N_("idle"), N_("syncing"), N_("paused"),
    N_("offline"), N_("attention"), N_("error"), N_("signed-out"), N_("stopped"),
)  # fmt: skip
_BY_CODE = {str(word): word for word in _WORDS} | {"content": N_("edited")}


def word(code: str) -> str:
    """A code that is not known here is its own word."""
    return translated(_BY_CODE.get(code, code))
