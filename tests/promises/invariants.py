"""The promises that always hold, each as a title and in words for who uses dreamsync."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    number: int
    title: str
    words: str


_TOLD = (
    (
        "Nothing that was saved is lost",
        "What has once reached the server, or has been replaced, moved or deleted by dreamsync, "
        "can be found for at least 30 days: in the folder, in a conflict copy, in the trash of a "
        "computer, or among the server's versions.",
    ),
    (
        "An edit beats a deletion",
        "Where one edits a file while another deletes it, the edited file stays.",
    ),
    (
        "At rest all are equal",
        "Once everything has arrived, all computers have what the server has: the same paths, the "
        "same bytes. What cannot be synced is left out, and `dreamsync status` lists it.",
    ),
    (
        "It always comes to a decision",
        "From whatever state two sides are in, a few rounds of planning end in agreement. It never "
        "goes round in circles.",
    ),
    (
        "At rest nothing is written",
        "While nothing changes, nothing is sent that changes anything, and nothing is written to "
        "your disk.",
    ),
    (
        "No echo",
        "What came from the server is not sent back to it as a change of yours.",
    ),
    (
        "No needless conflicts",
        "A change on one side only never makes a conflict copy. Equal files on both sides are "
        "recognised without sending them.",
    ),
    (
        "No half files",
        "Under a name there is nothing, all of the old file or all of the new one. A program that "
        "opens a file while it is being synced never reads a part of it.",
    ),
    (
        "It may be killed at any time",
        "Power cut, crash or `kill -9`: after the next start everything goes on by itself, and no "
        "temporary files stay behind.",
    ),
    (
        "What counts as synced is on the disk",
        "A file counts as synced only once its bytes and its name have been flushed to the disk. "
        "Bytes that changed although no program wrote them are suspect: the server's version comes "
        "back, and what was on the disk stays beside it as a conflict copy.",
    ),
    (
        "Forgetting deletes nothing",
        "If dreamsync's own notes are lost or damaged, both sides are joined: nothing is deleted.",
    ),
    (
        "A vanished folder is no deletion",
        "If the folder is missing or another stands in its place, nothing is done at all. If it "
        "was emptied, or if more than 25 files and more than a fifth were deleted, the deletions "
        "wait for your answer.",
    ),
    (
        "No change by mistake or twice",
        "Every change is based on the version it replaces: the server refuses one that is out of "
        "date. One that is sent again because the answer was lost has one effect.",
    ),
    (
        "No change is missed",
        "However many write at once, a computer that reads on from where it stopped gets exactly "
        "what there is; no clock is trusted for it.",
    ),
    (
        "A restored server deletes nothing",
        "If the server was restored from an older backup, the computers put back what it lost.",
    ),
    (
        "Moving costs nothing",
        "A renamed or moved file or folder is not sent again and keeps its history.",
    ),
    (
        "What was sent is a real state of the file",
        "A file that changes while it is being sent is sent again; no mixture reaches the server.",
    ),
    (
        "What is received is checked",
        "A file lands only if its size and its checksums are those that the server announced.",
    ),
    (
        "Names that look alike here never harm each other",
        "Where a system takes two names for one (capital letters, composed and decomposed Hangul), "
        "both files are kept, one under a name that shows what it stands for.",
    ),
    (
        "Nothing outside the folder is touched",
        "No link, no odd name and no server makes dreamsync read or write anywhere else.",
    ),
    (
        "One at a time",
        "Two programs never sync the same folder, nor use the same notes.",
    ),
    (
        "One file's trouble is its own",
        "A file that cannot be synced stops no other. It is tried again, ever less often.",
    ),
    (
        "Up to date means up to date",
        "`status` says so only when it is true, and names a reason for every file that is not.",
    ),
    (
        "Wrong clocks do no harm",
        "A clock that is ten years off changes names of conflict copies and times on the screen, "
        "and nothing else.",
    ),
    (
        "It recovers in time",
        "When trouble ends (network, disk, server), everything is in sync again within a bounded "
        "time, with nothing to do for you.",
    ),
)

PROMISES = tuple(Promise(number, *told) for number, told in enumerate(_TOLD, start=1))
