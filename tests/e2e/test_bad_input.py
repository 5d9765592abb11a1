"""Bad input: what a person gives or meets, what dreamsync answers, and what stays intact.

One table, a row each. After every row the same is proved: the files that were there are whole, and
once the bad thing is over (or beside it, while it lasts) another file still crosses. So the next
row may befall the same two devices, unless something lasts or the row before has failed.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dreamsync.journal.database import SCHEMA_VERSION
from dreamsync.server import admin
from dreamsync.server.certificate import ServerCertificate, ensure_certificate
from tests.support.counting_proxy import CountingProxy, counting_proxy
from tests.support.e2e import (
    DREAMSYNC,
    EMAIL,
    PASSWORD,
    Answer,
    Instance,
    ServerProcess,
    Workbench,
    wait_until,
)
from tests.support.ordinary_user import AS_ORDINARY_USER
from tests.support.small_disk import small_disk

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PORTAL = b"HTTP/1.1 302 Found\r\nLocation: http://portal.invalid/\r\nContent-Length: 0\r\n\r\n"
NOBODY: bytes = b""


def page(content_type: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


HTML = page("text/html", b"<html><h1>Welcome to our hotel</h1></html>")
EMPTY_LIST = page("application/json", b"[]")
EMPTY_OBJECT = page("application/json", b"{}")
CUT_OFF = page("application/json", b'{"cursor": "1.')


@dataclass
class Scene:
    """Device `a` speaks through `proxy` to the server; `kept.txt` is in sync with `witness`, which
    is running."""

    bench: Workbench
    server: ServerProcess
    proxy: CountingProxy
    email: str
    a: Instance
    witness: Instance

    def login(self, device: Instance, url: str, *options: str, password: str = PASSWORD) -> Answer:
        where = ("--folder", str(device.folder), "--device", device.name, "--secrets", "file")
        return device.command(
            "login", url, "--email", self.email, "--password-stdin", *where, *options,
            stdin=password + "\n", codes=None,
        )  # fmt: skip

    def other_account(self) -> str:
        email = f"other-{self.email}"
        admin.add_user(str(self.server.data), email, PASSWORD)
        return email


@dataclass(frozen=True)
class BadInput:
    """`happen` brings it about and gives the answer; `end` makes it good before the proof that
    another file crosses. `lasts`: that proof's `sync` says 3, for there is a problem still."""

    name: str
    happen: Callable[[Scene], Answer]
    code: int
    says: str
    end: Callable[[Scene], None] = lambda _scene: None
    lasts: bool = False


def wrong_password(scene: Scene) -> Answer:
    return scene.login(scene.a, scene.proxy.url, password="guess")


def answers_instead(answer: bytes) -> Callable[[Scene], Answer]:
    def happen(scene: Scene) -> Answer:
        (scene.a.folder / "waiting.txt").write_text("waiting")
        scene.proxy.answer_instead(answer)
        return scene.a.command("sync", codes=None)

    return happen


def good_again(scene: Scene) -> None:
    scene.proxy.instead = None


def login_to_a_portal(scene: Scene) -> Answer:
    scene.proxy.answer_instead(HTML)
    return scene.login(scene.bench.instance("at a portal"), scene.proxy.url)


def unreadable_file(scene: Scene) -> Answer:
    secret = scene.a.folder / "secret.txt"
    secret.write_text("nobody may read this")
    secret.chmod(0)
    return sync_as_ordinary_user(scene.a)


def unreadable_folder(scene: Scene) -> Answer:
    secret = scene.a.folder / "secret"
    secret.mkdir()
    (secret / "file.txt").write_text("nobody may list this")
    secret.chmod(0)
    return sync_as_ordinary_user(scene.a)


def read_only_folder(scene: Scene) -> Answer:
    scene.a.sync()
    (scene.witness.folder / "closed").mkdir()
    (scene.witness.folder / "closed/first.txt").write_text("first")
    scene.witness.sync()
    scene.a.sync()
    (scene.a.folder / "closed").chmod(0o555)
    (scene.witness.folder / "closed/second.txt").write_text("second")
    scene.witness.sync()
    answer = sync_as_ordinary_user(scene.a)
    assert not (scene.a.folder / "closed/second.txt").exists()
    return answer


def full_disk(scene: Scene) -> Answer:
    """Their files are larger than this disk; the small one beside them fits."""
    (scene.witness.folder / "large.bin").write_bytes(os.urandom(6 * 1024 * 1024))
    (scene.witness.folder / "small.txt").write_text("small")
    scene.witness.sync()
    answer = scene.a.command("sync", codes=None)
    assert (scene.a.folder / "small.txt").read_text() == "small"
    assert not (scene.a.folder / "large.bin").exists()
    return answer


def broken_configuration(scene: Scene) -> Answer:
    return _with_configuration(scene, "[account\nserver = ")


def unknown_key(scene: Scene) -> Answer:
    return _with_configuration(scene, '[sync]\nevery = "now and then"\n')


def value_of_the_wrong_kind(scene: Scene) -> Answer:
    return _with_configuration(scene, '[sync]\npoll_seconds = "soon"\n')


def _with_configuration(scene: Scene, text: str) -> Answer:
    config = Path(scene.a.paths.config_file)
    config.rename(config.with_suffix(".good"))
    config.write_text(text)
    config.chmod(0o600)
    return scene.a.command("sync", codes=None)


def good_configuration(scene: Scene) -> None:
    config = Path(scene.a.paths.config_file)
    config.with_suffix(".good").rename(config)


def corrupt_journal(scene: Scene) -> Answer:
    Path(scene.a.paths.journal).write_bytes(b"this is no database" * 1000)
    return scene.a.command("sync", codes=None)


def journal_with_a_damaged_page(scene: Scene) -> Answer:
    damage_a_page(scene.a)
    return scene.a.command("sync", codes=None)


def damage_a_page(device: Instance) -> None:
    """One that opening the journal does not read: the first of what is on this disk."""
    with contextlib.closing(sqlite3.connect(device.paths.journal)) as journal:
        journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = journal.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'local'"
        ).fetchone()
        (size,) = journal.execute("PRAGMA page_size").fetchone()
    with Path(device.paths.journal).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


def lost_journal(scene: Scene) -> Answer:
    for path in Path(scene.a.paths.journal).parent.glob("journal*"):
        path.unlink()
    return scene.a.command("sync", codes=None)


def newer_journal(scene: Scene) -> Answer:
    _set_journal_version(scene, 99)
    return scene.a.command("sync", codes=None)


def journal_as_before(scene: Scene) -> None:
    _set_journal_version(scene, SCHEMA_VERSION)


def _set_journal_version(scene: Scene, version: int) -> None:
    with contextlib.closing(sqlite3.connect(scene.a.paths.journal)) as journal:
        journal.execute(f"PRAGMA user_version = {version}")


def second_daemon(scene: Scene) -> Answer:
    scene.a.start()
    second = scene.bench.instance("second daemon")
    config = Path(second.paths.config_file)
    config.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(scene.a.paths.config_file, config)
    return second.command("run", codes=None, seconds=20)


def stopped(scene: Scene) -> None:
    scene.a.stop()


def folder_of_another_account(scene: Scene) -> Answer:
    second = scene.bench.instance("other account")
    second.folder = scene.a.folder
    return replace(scene, email=scene.other_account()).login(second, scene.server.url)


def folder_that_is_a_file(scene: Scene) -> Answer:
    second = scene.bench.instance("no folder")
    second.folder = second.home / "a file"
    second.folder.write_text("no folder")
    return scene.login(second, scene.server.url)


def plain_http_elsewhere(scene: Scene) -> Answer:
    return scene.login(scene.bench.instance("elsewhere"), "http://sync.example.com")


TABLE = [
    BadInput("wrong password", wrong_password, 5, "The email or the password is wrong"),
    BadInput(
        "unreachable server",
        answers_instead(NOBODY),
        1,
        "the connection to the server broke",
        good_again,
    ),
    BadInput("captive portal", answers_instead(PORTAL), 1, "login page", good_again),
    BadInput("HTML", answers_instead(HTML), 1, "login page", good_again),
    BadInput("empty list", answers_instead(EMPTY_LIST), 1, "not a sync server's", good_again),
    BadInput("empty object", answers_instead(EMPTY_OBJECT), 1, "not a sync server's", good_again),
    BadInput("cut-off JSON", answers_instead(CUT_OFF), 1, "not a sync server's", good_again),
    BadInput("portal at sign-in", login_to_a_portal, 1, "login page", good_again),
    BadInput("unreadable file", unreadable_file, 3, "secret.txt", lasts=True),
    BadInput("unreadable folder", unreadable_folder, 3, "secret", lasts=True),
    BadInput("read-only folder", read_only_folder, 3, "closed/second.txt", lasts=True),
    BadInput("broken configuration", broken_configuration, 78, "config.toml", good_configuration),
    BadInput("unknown key", unknown_key, 78, "sync.every", good_configuration),
    BadInput("wrong kind", value_of_the_wrong_kind, 78, "poll_seconds", good_configuration),
    BadInput("corrupt journal", corrupt_journal, 0, "in sync"),
    BadInput("damaged page", journal_with_a_damaged_page, 1, "a new journal begins"),
    BadInput("lost journal", lost_journal, 0, "in sync"),
    BadInput("newer journal", newer_journal, 1, "newer dreamsync", journal_as_before),
    BadInput("second daemon", second_daemon, 1, "already syncs the folder", stopped),
    BadInput("folder of another account", folder_of_another_account, 1, "another account"),
    BadInput("folder that is a file", folder_that_is_a_file, 1, "a file"),
    BadInput("plain HTTP elsewhere", plain_http_elsewhere, 1, "plain HTTP"),
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with Workbench(tmp_path_factory.mktemp("bad input")) as bench:
        yield bench


@pytest.fixture(scope="module")
def server(bench: Workbench) -> ServerProcess:
    return bench.server()


class Scenes:
    """Each with an account of its own, and used again as long as it is as good as new."""

    def __init__(self, server: ServerProcess, bench: Workbench, held: contextlib.ExitStack) -> None:
        self._server = server
        self._bench = bench
        self._held = held
        self._made = 0
        self._free: list[Scene] = []

    @contextlib.contextmanager
    def one(self, *, again: bool) -> Iterator[Scene]:
        scene = self._free.pop() if self._free else self._new()
        yield scene
        if again:
            self._free.append(scene)

    def _new(self) -> Scene:
        self._made += 1
        email = f"scene-{self._made}@example.com"
        admin.add_user(str(self._server.data), email, PASSWORD)
        devices = [self._bench.instance(f"{name} {self._made}") for name in ("a", "witness")]
        proxy = self._held.enter_context(counting_proxy(self._server.port))
        return _in_sync(Scene(self._bench, self._server, proxy, email, *devices))


@pytest.fixture(scope="module")
def scenes(server: ServerProcess, bench: Workbench) -> Iterator[Scenes]:
    with contextlib.ExitStack() as held:
        yield Scenes(server, bench, held)


def _in_sync(scene: Scene) -> Scene:
    assert scene.login(scene.a, scene.proxy.url).code == 0
    assert scene.login(scene.witness, scene.server.url).code == 0
    (scene.a.folder / "kept.txt").write_text("kept")
    scene.a.sync()
    scene.witness.start().sync()
    return scene


@pytest.mark.promise(22, 23)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name.replace(" ", "-"))
def test_bad_input_is_answered_and_harms_nothing(scenes: Scenes, row: BadInput) -> None:
    with scenes.one(again=not row.lasts) as scene:
        answer = row.happen(scene)

        assert (answer.code, row.says in answer.out + answer.err) == (row.code, True), answer
        assert "Traceback" not in answer.out + answer.err
        row.end(scene)
        assert_others_cross(scene, row.name, problem_lasts=row.lasts)


@pytest.mark.promise(22)
@pytest.mark.fault("disk full")
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_stops_only_what_does_not_fit(server: ServerProcess, tmp_path: Path) -> None:
    email = "full-disk@example.com"
    admin.add_user(str(server.data), email, PASSWORD)
    with Workbench(tmp_path) as bench, counting_proxy(server.port) as proxy:
        a, witness = bench.instance("a"), bench.instance("witness")
        with small_disk(a.folder, mib=4):
            scene = _in_sync(Scene(bench, server, proxy, email, a, witness))
            answer = full_disk(scene)
            assert (answer.code, "large.bin" in answer.out) == (3, True), answer
            assert_others_cross(scene, "full disk", problem_lasts=True)


@pytest.mark.promise(11)
@pytest.mark.fault("journal")
def test_a_daemon_goes_on_with_a_new_journal_by_itself(scenes: Scenes) -> None:
    with scenes.one(again=False) as scene:
        damage_a_page(scene.a)

        scene.a.start()

        (scene.witness.folder / "later.txt").write_text("later")
        scene.witness.sync()
        wait_until((scene.a.folder / "later.txt").exists, "the witness' file")
        assert (scene.a.folder / "kept.txt").read_text() == "kept"
        assert list(Path(scene.a.paths.journal).parent.glob("*.damaged-*"))
        scene.a.stop()


def test_a_certificate_that_changed_is_refused(tmp_path: Path) -> None:
    first = ensure_certificate(str(_made(tmp_path / "first")))
    second = ensure_certificate(str(_made(tmp_path / "second")))
    with Workbench(tmp_path) as bench:
        server = bench.server("server", *_tls(first))
        a = bench.instance("a")
        assert _login_pinned(a, server, first).code == 0
        (a.folder / "kept.txt").write_text("kept")
        a.sync()

        _restart(server, second)
        (a.folder / "waiting.txt").write_text("waiting")
        refused = a.command("sync", codes=None)
        assert refused.code == 1
        assert "the server's certificate is not the one trusted at sign-in" in refused.out
        at_sign_in = _login_pinned(bench.instance("new"), server, first)
        assert at_sign_in.code == 1
        assert "certificate is not the one" in at_sign_in.err

        _restart(server, first)
        assert a.sync().document["uploaded"] == 1


def _login_pinned(
    device: Instance, server: ServerProcess, certificate: ServerCertificate
) -> Answer:
    where = ("--folder", str(device.folder), "--secrets", "file")
    pinned = ("--fingerprint", certificate.fingerprint)
    return device.command(
        "login", server.url, "--email", EMAIL, "--password-stdin", *where, *pinned,
        stdin=PASSWORD + "\n", codes=None,
    )  # fmt: skip


def _restart(server: ServerProcess, certificate: ServerCertificate) -> None:
    server.stop()
    server.extra = _tls(certificate)
    server.start()


def assert_others_cross(scene: Scene, when: str, *, problem_lasts: bool) -> None:
    """Both ways; with one path's problem still there, `sync` says 3 and syncs the others."""
    codes = (3,) if problem_lasts else (0,)
    (scene.a.folder / f"from a, {when}.txt").write_text("from a")
    (scene.witness.folder / f"from witness, {when}.txt").write_text("from witness")
    scene.witness.sync()
    done = sync_as_ordinary_user(scene.a)
    assert done.code in codes, done
    scene.witness.sync()
    for device in (scene.a, scene.witness):
        assert (device.folder / "kept.txt").read_text() == "kept"
        assert (device.folder / f"from a, {when}.txt").read_text() == "from a"
        assert (device.folder / f"from witness, {when}.txt").read_text() == "from witness"
        assert not list(device.folder.glob("*conflict*"))


def sync_as_ordinary_user(device: Instance) -> Answer:
    """`sync` as somebody whom permission bits stop."""
    done = subprocess.run(
        [*AS_ORDINARY_USER, *DREAMSYNC, "sync"],
        env=dict(device.environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Answer(("sync",), done.returncode, done.stdout, done.stderr)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _tls(certificate: ServerCertificate) -> tuple[str, ...]:
    return ("--tls-cert", certificate.certificate_path, "--tls-key", certificate.key_path)
