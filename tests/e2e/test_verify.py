"""A file damaged behind the daemon's back is found and put right, by itself and at little cost."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.support.e2e import Instance, Workbench, wait_until
from tests.support.processes import cpu_seconds

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_GOOD, _BAD = "what the person wrote", "what the disk made of"
_LONG_AGO_MS = 1_600_000_000_000
_SHARE_OF_A_CORE = 0.05
_CPU_OF_A_DAY = 3.0


@contextmanager
def _journal(device: Instance) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(device.paths.journal)) as sql, sql:
        yield sql


def _quietly(device: Instance, name: str, text: str) -> None:
    """Other bytes under the same size and mtime."""
    path = device.folder / name
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def _as_if_never_changed(device: Instance, name: str) -> None:
    """A failing disk leaves the ctime alone as well; here the journal is told of the new one."""
    seen = (device.folder / name).stat()
    with _journal(device) as sql:
        for table in ("local", "base"):
            sql.execute(
                f"UPDATE {table} SET ctime_ns = ? WHERE inode = ?", (seen.st_ctime_ns, seen.st_ino)
            )


def _a_month_passes(device: Instance) -> None:
    """The round of reading everything again began long ago, and so did the last comparison."""
    with _journal(device) as sql:
        sql.execute(
            "UPDATE setting SET value = json_set(value, '$.began_ms', ?) WHERE name = 'reread'",
            (_LONG_AGO_MS,),
        )
        sql.execute("UPDATE setting SET value = ? WHERE name = 'verified_at_ms'", (_LONG_AGO_MS,))


def _texts(device: Instance) -> dict[str, str]:
    return {path.name: path.read_text() for path in device.folder.glob("*.txt")}


def _is_repaired(*devices: Instance) -> bool:
    for device in devices:
        texts = _texts(device)
        copies = [text for name, text in texts.items() if name.startswith("note (conflict a ")]
        assert (texts.get("note.txt"), copies) == (_GOOD, [_BAD])
    return True


@pytest.mark.promise(10)
def test_damage_is_found_in_the_background_and_repaired_everywhere(workbench: Workbench) -> None:
    server = workbench.server()
    a, b = (workbench.device(name, server) for name in ("a", "b"))
    (a.folder / "note.txt").write_text(_GOOD)
    wait_until(lambda: _texts(b) == {"note.txt": _GOOD}, "the file in b")
    wait_until(lambda: (v := a.wait_idle().verified) and v.files == 1, "the verified state")
    a.stop()
    _quietly(a, "note.txt", _BAD)
    _as_if_never_changed(a, "note.txt")
    _a_month_passes(a)

    a.start()

    wait_until(lambda: _is_repaired(a, b), "the good file, and the damaged one beside it")
    assert "damaged" in a.command("activity", "--json").out
    assert "1 file was found damaged" in a.command("status").out


@pytest.mark.promise(10)
def test_after_a_kill_a_change_that_nobody_saw_is_never_sent_over_the_good_version(
    workbench: Workbench,
) -> None:
    server = workbench.server()
    a = workbench.device("a", server)
    (a.folder / "note.txt").write_text(_GOOD)
    wait_until(lambda: a.wait_idle().files == 1, "the file on the server")
    a.sync()
    a.kill()
    _quietly(a, "note.txt", _BAD)

    a.start()

    wait_until(lambda: _is_repaired(a), "the good file, and the damaged one beside it")
    a.sync()
    versions = a.command("history", "note.txt", "--json").document["items"]
    assert isinstance(versions, list)
    assert len(versions) == 1


def test_verify_reads_everything_and_repairs_at_once(workbench: Workbench) -> None:
    server = workbench.server()
    a = workbench.device("a", server, run=False)
    (a.folder).mkdir(exist_ok=True)
    (a.folder / "note.txt").write_text(_GOOD)
    (a.folder / "other.txt").write_text("other")
    a.sync()
    _quietly(a, "note.txt", _BAD)
    _as_if_never_changed(a, "note.txt")

    report = a.command("verify", "--json").document

    assert report == {
        "checked": 2, "matching": 2, "repaired": ["note.txt"], "mismatched": [], "pending": 0,
    }  # fmt: skip
    assert _is_repaired(a)


@pytest.mark.timeout(1800)
def test_verifying_by_itself_costs_little(workbench: Workbench, *, full: bool) -> None:
    """A day's comparison of files unchanged since, and the share of a core while rereading."""
    count = 100_000 if full else 500
    server = workbench.server()
    a = workbench.device("a", server, run=False)
    for number in range(count):
        folder = a.folder / str(number // 500)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.txt").write_text(f"{number}\n" * 200)
    a.sync(seconds=1200.0)
    _a_month_passes(a)

    a.start()
    wait_until(
        lambda: (v := a.wait_idle(seconds=300.0).verified) and v.at_ms > _LONG_AGO_MS,
        "the day's comparison",
        seconds=300.0,
    )
    for_the_day = cpu_seconds(a.process.pid)
    verified = a.status().verified
    assert verified is not None
    assert verified.files == count
    began, before = time.monotonic(), for_the_day
    wait_until(lambda: _round_is_over(a) or time.monotonic() - began > 40.0, "rereading")
    share = (cpu_seconds(a.process.pid) - before) / (time.monotonic() - began)

    print(f"{count} files: {for_the_day:.2f} s of CPU from the start to the comparison; "
          f"{share:.1%} of a core while rereading")  # fmt: skip
    assert for_the_day < _CPU_OF_A_DAY
    assert share < _SHARE_OF_A_CORE


def _round_is_over(device: Instance) -> bool:
    with _journal(device) as sql:
        row = sql.execute("SELECT json_extract(value, '$.began_ms') FROM setting "
                          "WHERE name = 'reread'").fetchone()  # fmt: skip
    return bool(row[0] > _LONG_AGO_MS)
