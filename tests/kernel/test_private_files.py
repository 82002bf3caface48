"""Only the owner can read the files in QUARTET_DATA, including those that earlier releases created."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.kernel.database import Database
from app.kernel.private import keep_private


@pytest.fixture(autouse=True)
def everybody_may_read() -> Iterator[None]:
    """Set the umask that most machines have."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}


def test_a_database_is_for_its_owner_alone_with_all_that_is_beside_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/data/orders.sqlite")
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE t (x)"))

    found = modes(tmp_path / "data")

    assert set(found) >= {"orders.sqlite", "orders.sqlite-wal"}
    assert set(found.values()) == {"0o600"}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    database.close()


def test_one_from_before_is_closed_to_others(tmp_path: Path) -> None:
    for name in ("orders.sqlite", "orders.sqlite-wal", "orders.sqlite-shm"):
        (tmp_path / name).touch(mode=0o644)

    keep_private(tmp_path / "orders.sqlite")

    assert modes(tmp_path) == dict.fromkeys(("orders.sqlite", "orders.sqlite-wal", "orders.sqlite-shm"), "0o600")


def test_what_the_owner_may_not_stays_forbidden_and_a_folder_that_was_there_stays_as_it_was(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "orders.sqlite").touch(mode=0o444)

    keep_private(tmp_path / "orders.sqlite")

    assert modes(tmp_path) == {"orders.sqlite": "0o400"}
    assert tmp_path.stat().st_mode & 0o777 == 0o755
