"""The import contracts hold, and each of them fails if it is broken."""

import os
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.architecture.tree import copied_to
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

ISOLATED = "Modules do not import each other"
SHAPE = "Every module has the same shape, and dependencies point inwards"
PLAIN = "Domain, ports and use cases import no framework"
OUTSIDE = "Layers of the application, from the outside in"
DATABASE = "In the kernel only the database imports SQLAlchemy"

BREACHES = [
    (ISOLATED, "app/modules/orders/subscriptions.py", "import app.modules.catalog.domain.stock"),
    (ISOLATED, "app/modules/users/controllers/me.py", "import app.modules.orders.ports"),
    (SHAPE, "app/modules/catalog/domain/stock.py", "import app.modules.catalog.use_cases.stock.hold_stock"),
    (SHAPE, "app/modules/orders/use_cases/orders/place_order.py", "import app.modules.orders.infrastructure.tables"),
    (SHAPE, "app/modules/users/stray.py", "from typing import Any"),
    (PLAIN, "app/modules/payments/domain/payment.py", "import stripe"),
    (PLAIN, "app/modules/users/use_cases/sessions/sign_in.py", "from flask import request"),
    (PLAIN, "app/modules/catalog/ports/unit_of_work.py", "from sqlalchemy import Connection"),
    (OUTSIDE, "app/factory.py", "import app.modules.orders.module"),
    (OUTSIDE, "app/bus/relay.py", "import app.web.problems"),
    (OUTSIDE, "app/kernel/money.py", "import app.bus.event"),
    (OUTSIDE, "app/loose.py", "from typing import Any"),
    (DATABASE, "app/kernel/money.py", "import sqlalchemy"),
]


def lint(tree: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    wide = {**os.environ, "COLUMNS": "200"}  # a contract's name stays on one line
    return subprocess.run(command, cwd=tree, env=wide, capture_output=True, text=True, check=False, timeout=100)


def test_every_import_contract_holds() -> None:
    result = lint(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr
    for contract in {each[0] for each in BREACHES}:
        assert f"{contract} KEPT" in result.stdout
    assert "0 broken" in result.stdout


def test_every_contract_is_tried() -> None:
    written = ConfigParser(interpolation=None)
    written.read(ROOT / "setup.cfg")

    names = {written[section]["name"] for section in written.sections() if section.startswith("importlinter:")}

    assert names == {each[0] for each in BREACHES}


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES, ids=[f"{each[1]}: {each[2]}" for each in BREACHES])
def test_a_forbidden_import_breaks_its_contract(tmp_path: Path, contract: str, file: str, line: str) -> None:
    tree = copied_to(tmp_path)
    with (tree / file).open("a") as source:
        source.write(f"\n{line}\n")

    result = lint(tree)

    assert result.returncode == 1, result.stderr
    assert f"{contract} BROKEN" in result.stdout


def test_a_module_without_one_of_its_parts_is_not_of_the_shape(tmp_path: Path) -> None:
    tree = copied_to(tmp_path)
    (tree / "app/modules/orders/commands.py").unlink()

    result = lint(tree)

    assert result.returncode == 1
    assert "commands" in result.stdout + result.stderr
