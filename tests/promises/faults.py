"""The catalogue of faults: what may go wrong, and what a person may expect then.

A test says which row it holds with `@pytest.mark.fault(key)`. A row that no test can hold says why.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`expect` is in plain words; `not_run`: why no test brings this about, where none does."""

    key: str
    fault: str
    expect: str
    not_run: str = ""


FAULTS = (
    # The network and the server.
    Fault(
        "no network",
        "No network: requests are dropped or delayed, the server's name is not found",
        "Everything waits and is tried again, ever less often, with some chance in the delays.",
    ),
    Fault(
        "answer lost",
        "The server has done what was asked, and its answer is lost",
        "The request is repeated under the same key and has one effect: one version.",
    ),
    Fault(
        "duplicate",
        "A push, a page of changes or a request arrives twice, or in another order",
        "Nothing happens a second time; a push is a hint and nothing more.",
    ),
    Fault(
        "wrong bytes",
        "A download is cut short, has a byte too many, or other bytes than announced",
        "What came is dropped, the file in place stays as it is, and it is tried again in a while.",
    ),
    Fault(
        "captive portal",
        "A login page, HTML or an empty list comes instead of the server's answer",
        "It is no answer: it never means that everything was deleted.",
    ),
    Fault(
        "server trouble",
        "The server answers 5xx, or 429 with Retry-After",
        "It is tried again when the server says, and not before.",
    ),
    Fault(
        "token refused",
        "The access token ends in the middle of work (401)",
        "One thread renews it, the others wait and go on; where it cannot be renewed, all pauses.",
    ),
    Fault(
        "url expired",
        "A presigned URL has expired",
        "A new one is asked for, and the transfer goes on where it was.",
    ),
    Fault(
        "stale",
        "Another device was faster (409, 412)",
        "Nothing is overwritten: the change is planned again from what is there now.",
    ),
    Fault(
        "no room there",
        "The space on the server is full, or a file too large for it (507, 413)",
        "That file waits and says so; everything else goes on, downloads too.",
    ),
    Fault(
        "clock",
        "A computer's clock is years off",
        "Only times that are shown differ, and the names of conflict copies.",
    ),
    Fault(
        "server restart",
        "The server is killed or started again at any moment",
        "What it acknowledged is there; clients go on by themselves.",
    ),
    Fault(
        "old backup",
        "The server was restored from an older backup",
        "Devices put back what it has lost; nothing is deleted.",
    ),
    Fault(
        "cursor expired",
        "A device was away for longer than the server remembers deletions",
        "The whole listing is compared; what is gone goes to the trash, and many ask first.",
    ),
    # The disk.
    Fault(
        "disk full",
        "This computer's disk is full",
        "What does not fit waits, and leaves nothing half behind; the rest goes on.",
    ),
    Fault(
        "not permitted",
        "A file or folder may not be read or written, or the disk is read-only",
        "That item is a problem that status names; everything else goes on.",
    ),
    Fault(
        "disk error",
        "The disk reports an error, or that bytes could not be made durable",
        "They count as not written and are fetched again; a second fsync is not believed.",
    ),
    Fault(
        "locked",
        "Another program holds the file",
        "It is tried again; a file is never written in place.",
    ),
    Fault(
        "changed while sent",
        "A file changes while it is being uploaded",
        "It is read again: what the server has equals one real state of the file.",
    ),
    Fault(
        "changed at the last moment",
        "A file changes between the last look and its replacement",
        "The edit is put back, and becomes an edit like any other.",
    ),
    Fault(
        "root gone",
        "The folder was unmounted, deleted or replaced",
        "Nothing is done either way until the very folder is back: its marker tells.",
    ),
    Fault(
        "overflow",
        "More changes at once than the system can tell of",
        "The whole folder is looked through again.",
    ),
    Fault(
        "not watched",
        "The system watches no more folders, or the folder is on a network disk",
        "dreamsync looks at times instead, and says so.",
    ),
    # Processes and the journal.
    Fault(
        "killed",
        "The program is killed at any step, or the power fails",
        "It goes on by itself: nothing lost, nothing left lying about.",
    ),
    Fault(
        "journal",
        "The journal is damaged, lost, older than the folder, or its disk is full",
        "Both sides are joined as a union: nothing is deleted.",
    ),
    Fault(
        "two daemons",
        "A second dreamsync on the same folder, or the lock of one that was killed",
        "The second ends within five seconds; a lock ends with its process, by whatever number.",
    ),
    Fault(
        "suspended",
        "The computer sleeps and wakes up",
        "It connects again and looks for what has changed meanwhile.",
    ),
    # Names and kinds.
    Fault(
        "case",
        "A name changes in case only",
        "It is the same file, under its new name.",
    ),
    Fault(
        "hangul",
        "A name in Hangul, composed on one system and decomposed on another",
        "It is one name; each disk keeps its spelling; two that differ only so are two files.",
    ),
    Fault(
        "reserved name",
        "A name that one system cannot hold: `:`, a trailing dot, a reserved word",
        "It keeps its name where it can be held, and lands under another that leads back to it.",
    ),
    Fault(
        "unnameable",
        "A path too long for this system, or a name that is no text",
        "It is listed as left out; everything else syncs.",
    ),
    Fault(
        "kind",
        "A file becomes a folder, or a folder a file",
        "The old bytes go to trash or history first.",
    ),
    Fault(
        "special",
        "Symbolic links, FIFOs, devices, sockets, mounts; hard links",
        "They are not followed or read, and listed; two hard links are two files.",
    ),
    # Two people at once.
    Fault(
        "move and move",
        "Both move the same item, or folders into each other",
        "The server's order decides, the same everywhere; nothing is lost or doubled.",
    ),
    Fault(
        "move and change",
        "One moves what the other edits or deletes",
        "The edit follows the file to its new place; what nobody edited may go to the trash.",
    ),
    Fault(
        "edit and edit",
        "Both edit the same file, or one edits what the other deletes",
        "An edit beats a deletion; of two edits both stay, one as a conflict copy.",
    ),
    Fault(
        "created alike",
        "Both make the same file with equal bytes",
        "It is one file: no copy, and no bytes are sent.",
    ),
    Fault(
        "safe-save",
        "An editor saves by writing a new file and renaming it",
        "It is one edit of the same file.",
    ),
    Fault(
        "touched",
        "Only the time of a file changes",
        "No bytes are sent.",
    ),
)
