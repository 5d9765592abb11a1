"""What `--json` prints: the fixed field names, from the typed answers. Never translated."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dreamsync.core.status import (
    Activity,
    ConflictCopy,
    Hold,
    ListedItem,
    Problem,
    Status,
    SyncSummary,
    VerifyReport,
)
from dreamsync.text import rfc3339

if TYPE_CHECKING:
    from dreamsync.local.protocol import TrashItem
    from dreamsync.remotes.protocol import KeptVersion

Document = Mapping[str, object]


def to_text(document: Document) -> str:
    """ASCII only: whatever the terminal's encoding, the document arrives whole."""
    return json.dumps(document)


def items(documents: Sequence[Document]) -> Document:
    return {"items": list(documents), "next": None}


def of_status(status: Status) -> Document:
    paused, verified = status.paused, status.verified
    return {
        "state": status.state.value,
        "pending": status.pending,
        "files": status.files,
        "transfers": [
            {
                "path": one.path,
                "direction": one.direction.value,
                "bytes": one.bytes,
                "total": one.total,
            }
            for one in status.transfers
        ],
        "problems": [of_problem(one) for one in status.problems],
        "skipped": [{"path": one.path, "reason": one.reason} for one in status.skipped],
        "holds": [of_hold(one) for one in status.holds],
        "paused": None
        if paused is None
        else {
            "reason": paused.reason.value,
            "until": None if paused.until_ms is None else rfc3339(paused.until_ms),
        },
        "verified": None
        if verified is None
        else {"files": verified.files, "at": rfc3339(verified.at_ms)},
        "push": status.push.value,
        "device": {"id": status.device_id, "name": status.device_name},
        "folder": status.folder,
        "server": status.server,
        "cursor": status.cursor,
    }


def of_problem(problem: Problem) -> Document:
    return {
        "path": problem.path,
        "reason": problem.reason.value,
        "hint": problem.hint,
        "since": rfc3339(problem.since_ms),
    }


def of_hold(hold: Hold) -> Document:
    return {
        "id": hold.id,
        "side": hold.side.value,
        "deletes": hold.deletes,
        "sample": list(hold.sample),
        "reason": hold.reason,
        "since": rfc3339(hold.since_ms),
    }


def of_summary(summary: SyncSummary) -> Document:
    return {
        "state": summary.state.value,
        "uploaded": summary.uploaded,
        "downloaded": summary.downloaded,
        "moved": summary.moved,
        "deleted": summary.deleted,
        "conflicts": summary.conflicts,
        "problems": [of_problem(one) for one in summary.problems],
        "holds": [of_hold(one) for one in summary.holds],
    }


def of_verify(report: VerifyReport) -> Document:
    return {
        "checked": report.checked,
        "matching": report.matching,
        "repaired": list(report.repaired),
        "mismatched": list(report.mismatched),
        "pending": report.pending,
    }


def of_activity(activity: Activity) -> Document:
    return {
        "at": rfc3339(activity.at_ms),
        "act": activity.act.value,
        "path": activity.path,
        "otherPath": activity.other_path,
        "size": activity.size,
    }


def of_conflict(copy: ConflictCopy) -> Document:
    return {
        "path": copy.path,
        "original": copy.original,
        "at": rfc3339(copy.at_ms),
        "size": copy.size,
    }


def of_version(kept: "KeptVersion") -> Document:
    return {
        "version": kept.version,
        "change": kept.change,
        "name": kept.name,
        "size": kept.size,
        "digest": kept.digest,
        "at": None
        if kept.created_at is None
        else rfc3339(round(kept.created_at.timestamp() * 1000)),
        "device": {"id": kept.device_id, "name": kept.device_name},
        "available": kept.available,
    }


def of_listed(item: ListedItem) -> Document:
    return {
        "path": item.path,
        "kind": item.kind,
        "size": item.size,
        "state": item.state.value,
        "id": item.remote_id,
        "version": item.version,
    }


def of_trash_item(item: "TrashItem") -> Document:
    return {
        "id": item.id,
        "path": item.path,
        "kind": item.kind.value,
        "size": item.size,
        "deletedAt": rfc3339(item.deleted_at_ms),
        "reason": item.reason,
    }
