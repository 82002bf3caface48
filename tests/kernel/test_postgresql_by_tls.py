"""PostgreSQL over TLS: a server that accepts nothing else, and whose certificate is verified."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.kernel.database import Database
from tests.certificates import Authority
from tests.conftest import free_port, until
from tests.servers import program

PASSWORD = "p@ss;w/rd"
AS_TYPED = "p%40ss%3Bw%2Frd"
HBA = "hostssl all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True)
class Guarded:
    """The server's port, and the authority of its certificate."""

    port: int
    authority: Path

    def url(self, query: str, password: str = AS_TYPED) -> str:
        """The URL for …_DATABASE_URL."""
        return f"postgresql+psycopg2://shop:{password}@127.0.0.1:{self.port}/postgres?{query}"


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Guarded]:
    """A server of our own. PostgreSQL does not run as root, so root starts it as another user."""
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    initdb = tools[-1] / "initdb" if tools else Path(program("initdb"))
    is_root = os.getuid() == 0
    someone = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if is_root else []
    with tempfile.TemporaryDirectory(prefix="quartet-") as name:
        folder, port = Path(name), free_port()
        authority = Authority(folder)
        certificate, key = authority.certifies("postgresql")
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        if is_root:
            for each in (folder, *folder.iterdir()):
                shutil.chown(each, "postgres")
        data = folder / "data"
        making = [initdb, "-D", data, "-U", "shop", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "-N"]
        subprocess.run([*someone, *making], check=True, capture_output=True, timeout=60)
        (data / "pg_hba.conf").write_text(HBA, encoding="utf-8")
        settings = {"ssl": "on", "ssl_cert_file": certificate, "ssl_key_file": key, "unix_socket_directories": ""}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [*someone, initdb.with_name("postgres"), "-D", data, "-p", str(port), *options]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen([*command, "-c", "listen_addresses=127.0.0.1"], stdout=log, stderr=log)
        try:
            guarded = Guarded(port, authority.file)
            until(lambda: _answers(guarded), "PostgreSQL answers")
            yield guarded
        finally:
            server.terminate()
            server.wait(timeout=60)


def _answers(postgresql: Guarded) -> bool:
    try:
        return asks(postgresql.url("sslmode=require")) is not None
    except OperationalError:
        return False


def asks(url: str) -> str | None:
    """The TLS version of a pooled connection that is used repeatedly."""
    database = Database(url)
    try:
        for _ in range(3):
            with database.begin() as connection:
                found = connection.execute(text("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
                version: str | None = found.scalar()
        with database.read() as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1
    finally:
        database.close()
    return version


@pytest.mark.slow
def test_it_is_spoken_to_by_tls_and_its_certificate_verified(postgresql: Guarded) -> None:
    query = f"sslmode=verify-full&sslrootcert={postgresql.authority}"

    assert str(asks(postgresql.url(query))).startswith("TLSv1.")


@pytest.mark.parametrize(
    ("query", "password", "why"),
    [
        ("sslmode=disable", AS_TYPED, "no encryption"),
        ("sslmode=verify-full&sslrootcert={other}", AS_TYPED, "certificate verify failed"),
        ("sslmode=verify-full&sslrootcert={authority}", "wrong", "password authentication failed"),
    ],
)
def test_it_is_not_used_otherwise(postgresql: Guarded, tmp_path: Path, query: str, password: str, why: str) -> None:
    other = Authority(tmp_path, "other").file

    with pytest.raises(OperationalError, match=why):
        asks(postgresql.url(query.format(other=other, authority=postgresql.authority), password))
