"""Where presigned URLs may point, as a table."""

import pytest

from dreamsync.remotes.errors import HostRefused, InvalidAddress
from dreamsync.remotes.rest import Connection
from dreamsync.remotes.rest.addresses import Origin, ensure_storage_allowed

pytestmark = pytest.mark.security(3)

SERVER = "https://sync.example"
LOOPBACK_SERVER = "http://127.0.0.1:8737"


@pytest.mark.parametrize(
    ("server", "url", "hosts"),
    [
        (SERVER, "https://sync.example/blob", set()),
        (SERVER, "https://sync.example:443/blob", set()),
        (SERVER, "https://SYNC.example./blob", set()),
        (SERVER, "https://bucket.s3.example/blob", {"bucket.s3.example:443"}),
        (SERVER, "https://bucket.s3.example/blob", {"bucket.s3.example"}),
        (SERVER, "https://192.168.1.7:9000/blob", {"192.168.1.7:9000"}),
        (LOOPBACK_SERVER, "http://127.0.0.1:8737/blob", set()),
        (LOOPBACK_SERVER, "http://127.0.0.1:9000/blob", {"127.0.0.1:9000"}),
        (LOOPBACK_SERVER, "http://[::1]:9000/blob", {"[::1]:9000"}),
    ],
)
def test_the_server_itself_and_named_hosts_are_allowed(
    server: str, url: str, hosts: set[str]
) -> None:
    allowed = ensure_storage_allowed(url, server=Origin.of(server), hosts=hosts)

    assert allowed == Origin.of(url)


@pytest.mark.parametrize(
    ("server", "url", "hosts"),
    [
        (SERVER, "https://evil.example/blob", {"bucket.s3.example:443"}),
        (SERVER, "https://sync.example:444/blob", set()),
        (SERVER, "http://sync.example/blob", {"sync.example:80"}),
        (SERVER, "http://bucket.s3.example/blob", {"bucket.s3.example:80"}),
        (SERVER, "http://127.0.0.1:6379/", {"127.0.0.1:6379"}),
        (SERVER, "https://127.0.0.1/", {"127.0.0.1:443"}),
        (SERVER, "https://localhost:8443/", {"localhost:8443"}),
        (SERVER, "https://[::ffff:127.0.0.1]/", {"[::ffff:127.0.0.1]:443"}),
        (SERVER, "https://169.254.169.254/", {"169.254.169.254:443"}),
        (SERVER, "https://[fe80::1]/", {"[fe80::1]:443"}),
        (SERVER, "https://0.0.0.0/", {"0.0.0.0:443"}),
        (SERVER, "https://2852039166/", {"2852039166:443"}),
        (SERVER, "https://0xa9fea9fe/", {"0xa9fea9fe:443"}),
        (SERVER, "https://0xa9.254.43518/", {"0xa9.254.43518:443"}),
        (SERVER, "https://127.1/", {"127.1:443"}),
        (SERVER, "https://0/", {"0:443"}),
        (SERVER, "https://anything.localhost/", {"anything.localhost:443"}),
        (LOOPBACK_SERVER, "http://169.254.169.254/", {"169.254.169.254:80"}),
        (SERVER, "https://sync.example@evil.example/", set()),
        (SERVER, "https://sync.example:secret@sync.example/", set()),
        (SERVER, "ftp://sync.example/", {"sync.example:21"}),
        (SERVER, "//sync.example/blob", set()),
        (SERVER, "/blob", set()),
    ],
)
def test_everything_else_is_refused(server: str, url: str, hosts: set[str]) -> None:
    with pytest.raises(HostRefused):
        ensure_storage_allowed(url, server=Origin.of(server), hosts=hosts)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost", "http://[::1]:2"])
def test_plain_http_is_accepted_on_this_computer(url: str) -> None:
    assert Connection(url).origin.loopback


@pytest.mark.parametrize(
    "url", ["http://192.168.1.7:8737", "http://sync.example", "ftp://x", "sync.example", ""]
)
def test_plain_http_to_others_and_what_is_no_address_are_refused(url: str) -> None:
    with pytest.raises(InvalidAddress):
        Connection(url)


@pytest.mark.parametrize("fingerprint", ["", "00" * 31, "zz" * 32])
def test_a_fingerprint_must_be_one(fingerprint: str) -> None:
    with pytest.raises(InvalidAddress):
        Connection(SERVER, fingerprint=fingerprint)


def test_a_fingerprint_may_be_written_with_colons() -> None:
    assert Connection(SERVER, fingerprint=":".join(["AB"] * 32)).fingerprint


def test_a_ca_file_must_hold_certificates(tmp_path_factory: pytest.TempPathFactory) -> None:
    missing = str(tmp_path_factory.mktemp("ca") / "missing.pem")

    with pytest.raises(InvalidAddress, match=r"missing\.pem"):
        Connection(SERVER, ca_file=missing).server_client()
