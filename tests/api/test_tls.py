"""Certificates from files: what is refused, and with which words."""

from pathlib import Path

import pytest

from gateway.api.tls import Certificates, TlsFault, TlsFiles, proved, read_pem
from tests.certificates import SERVER, Pair, authority, openssl, signed

pytestmark = pytest.mark.needs("openssl")


@pytest.fixture
def ca(tmp_path: Path) -> Pair:
    return authority(tmp_path, "ca")


@pytest.fixture
def server(tmp_path: Path, ca: Pair) -> Pair:
    return signed(tmp_path, "server", ca, SERVER)


def read_certificates(files: TlsFiles) -> Certificates:
    return proved(files, read_pem(files))


def refusal(certificate: Path, key: Path, client_ca: Path | None = None) -> str:
    with pytest.raises(TlsFault) as caught:
        read_certificates(TlsFiles(certificate, key, client_ca))
    return str(caught.value)


def test_a_good_pair_is_taken_and_never_shows_its_key(server: Pair, ca: Pair) -> None:
    taken = read_certificates(TlsFiles(server.certificate, server.key, ca.certificate))
    assert (taken.certificate_pem, taken.key_pem) == (server.pem, server.key_pem)
    assert taken.client_ca_pem == ca.pem
    assert "PRIVATE" not in repr(taken)
    assert str(taken).startswith("certificate valid until 20")


def test_equal_files_are_equal_certificates(server: Pair) -> None:
    files = TlsFiles(server.certificate, server.key)
    assert read_certificates(files) == read_certificates(files)


def test_a_key_of_another_certificate_is_refused(server: Pair, ca: Pair) -> None:
    assert "key values mismatch" in refusal(server.certificate, ca.key)


def test_a_certificate_that_has_ended_is_refused(tmp_path: Path, ca: Pair) -> None:
    ended = signed(tmp_path, "ended", ca, SERVER, "-days -1")
    assert "certificate has expired" in refusal(ended.certificate, ended.key)


def test_an_encrypted_key_is_refused_and_nobody_is_asked_for_a_password(
    tmp_path: Path, server: Pair
) -> None:
    locked = tmp_path / "locked.key"
    openssl(f"ec -in {server.key} -aes128 -passout pass:secret-word -out {locked}")
    assert "the key is encrypted" in refusal(server.certificate, locked)


def test_half_written_files_are_refused(server: Pair) -> None:
    whole = server.pem
    for length in range(0, len(whole) - 30, 101):
        server.certificate.write_bytes(whole[:length])
        told = refusal(server.certificate, server.key)
        assert "holds no PEM text" in told or "cut off" in told


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 40, b"certificate: none\n"])
def test_what_is_no_pem_is_refused_by_name(server: Pair, content: bytes) -> None:
    server.key.write_bytes(content)
    told = refusal(server.certificate, server.key)
    assert told == f"'{server.key}' holds no PEM text (-----BEGIN ...)"


def test_missing_files_and_folders_are_refused_by_name(tmp_path: Path, server: Pair) -> None:
    missing = tmp_path / "no-such.pem"
    assert refusal(missing, server.key) == f"'{missing}' cannot be read: No such file or directory"
    assert refusal(server.certificate, tmp_path) == f"'{tmp_path}' is no regular file"


def test_files_that_change_while_they_are_read_are_not_taken(server: Pair, ca: Pair) -> None:
    files = TlsFiles(server.certificate, server.key)
    pem = read_pem(files)
    server.certificate.write_bytes(server.pem + ca.pem)
    with pytest.raises(TlsFault, match="is being written; trying again"):
        proved(files, pem)


def test_a_client_authority_without_a_certificate_is_refused(server: Pair) -> None:
    assert "client CA" in refusal(server.certificate, server.key, server.key)
