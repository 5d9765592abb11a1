"""TLS: pinned certificates, own CAs, and who is not believed."""

import ssl

import pytest

from dreamsync.remotes.errors import (
    Unreachable,
)
from dreamsync.remotes.rest import Connection, RestRemote
from dreamsync.server.certificate import ServerCertificate, ensure_certificate
from tests.remotes.faulty_remote import STATUS, TOKENS
from tests.remotes.faulty_server import (
    FaultyServer,
    faulty_server,
    json_answer,
)
from tests.remotes.token_stores import MemoryTokenStore


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return ensure_certificate(str(tmp_path_factory.mktemp("tls")))


@pytest.mark.security(7)
def test_the_pinned_certificate_is_accepted(certificate: ServerCertificate) -> None:
    with faulty_server(lambda _: json_answer(STATUS), tls=context_of(certificate)) as server:
        remote = tls_remote(server, certificate.fingerprint)
        assert remote.status().cursor == "0.c"
        remote.close()


@pytest.mark.security(7)
def test_another_certificate_gets_no_byte_of_http(certificate: ServerCertificate) -> None:
    with faulty_server(lambda _: json_answer(STATUS), tls=context_of(certificate)) as server:
        remote = tls_remote(server, "00" * 32)
        with pytest.raises(Unreachable, match="certificate"):
            remote.status()
        remote.close()

        assert server.connections == 1
        assert server.received == []


@pytest.mark.security(7)
def test_without_a_fingerprint_nobody_vouches_for_it(certificate: ServerCertificate) -> None:
    with faulty_server(lambda _: json_answer(STATUS), tls=context_of(certificate)) as server:
        remote = tls_remote(server, None)
        with pytest.raises(Unreachable, match="certificate"):
            remote.status()
        remote.close()


def test_the_own_ca_vouches_for_it(certificate: ServerCertificate) -> None:
    with faulty_server(lambda _: json_answer(STATUS), tls=context_of(certificate)) as server:
        connection = Connection(server.url, ca_file=certificate.certificate_path)
        remote = RestRemote(connection, MemoryTokenStore(TOKENS), device_id="device")
        assert remote.status().cursor == "0.c"
        remote.close()


def tls_remote(server: FaultyServer, fingerprint: str | None) -> RestRemote:
    connection = Connection(server.url, fingerprint=fingerprint)
    return RestRemote(connection, MemoryTokenStore(TOKENS), device_id="device")


def context_of(certificate: ServerCertificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate_path, certificate.key_path)
    return context
