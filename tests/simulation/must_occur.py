"""What must occur in every few hundred runs, or the simulator proves less than it says.

Each name is a counter of a run; `python -m tests.simulation --minutes 1` prints them all.
"""

from dreamsync.local.protocol import Sign
from tests.simulation.faults import DISK_CALLS, NETWORK_FAULTS
from tests.simulation.scenario import BY_PEOPLE, Verb

_WORK = (
    "CreateLocalFolder",
    "CreateRemoteFolder",
    "DeleteRemote",
    "Download",
    "MoveLocal",
    "MoveRemote",
    "ReadContent",
    "SetAside",
    "SetLocalExecutable",
    "SetRemoteExecutable",
    "TrashLocal",
    "Upload",
)
_OUTCOMES = (
    "Changed",
    "Conflict nameTaken",
    "Conflict stale",
    "ContentMismatch",
    "CursorExpired",
    "HistoryReplaced",
    "InputOutput",
    "NameTaken",
    "NoSpace",
    "NotPermitted",
    "NotTheContract",
    "QuotaExceeded",
    "RootGone",
    "ServerTrouble",
    "SignedOut",
    "Throttled",
    "Unreachable",
    "UrlExpired",
    "Vanished",
)

MUST_OCCUR = (
    *(f"person {verb.value}" for verb in BY_PEOPLE),
    *(f"befell {verb.value}" for verb in Verb if verb not in BY_PEOPLE),
    *(f"network {fault}" for fault in NETWORK_FAULTS),
    *(f"disk {call} failed" for call in DISK_CALLS if call not in {"make", "mode"}),
    *(f"done {work}" for work in _WORK),
    *(f"outcome {outcome}" for outcome in _OUTCOMES),
    "copied on the server",
    "crash with jobs under way",
    "file damaged by its disk",
    *(f"hint {sign.value}" for sign in Sign),
    "hint lost",
    "network empty list",
    "looks at what is called up to date",
    "runs of which only one device was edited",
    "runs with a conflict copy",
    "runs with a disk that decomposes",
    "runs with a disk that folds",
    "runs with a locked file",
    "runs with clocks years apart",
    "under our feet",
)
