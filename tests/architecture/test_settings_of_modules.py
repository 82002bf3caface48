"""Each module reads the shared settings and its own, never those of another module, such as its database."""

import re

import pytest

from app.config.reading import declared
from app.config.settings import Settings
from tests.architecture.tree import MODULES
from tests.conftest import ROOT

NAMED = re.compile(r'setting\(\s*"([A-Z_]+)"')
SHARED = {about["name"] for about in declared(Settings)}


def own(module: str) -> set[str]:
    """The variables that its settings.py declares."""
    path = ROOT / "app/modules" / module / "settings.py"
    return set(NAMED.findall(path.read_text())) if path.exists() else set()


def source(module: str) -> str:
    return "".join(path.read_text() for path in (ROOT / "app/modules" / module).rglob("*.py"))


def test_what_all_share_says_nothing_of_a_modules_database() -> None:
    assert not [name for name in vars(Settings.from_environment({})) if "database" in name]
    assert not [name for name in SHARED if "DATABASE" in name]


@pytest.mark.parametrize("module", [each for each in MODULES if own(each)])
def test_a_module_names_no_setting_of_another(module: str) -> None:
    others = set().union(*(own(each) for each in MODULES if each != module))

    assert f"{module.upper()}_DATABASE_URL" in own(module)
    assert not own(module) & (SHARED | others)
    assert not [name for name in others if re.search(rf'["\']{name}["\']', source(module))]


@pytest.mark.slow
@pytest.mark.parametrize("module", [each for each in MODULES if own(each)])
def test_a_module_reads_no_environment_by_itself(module: str) -> None:
    read = re.findall(r"os\.environ|getenv|settings\.variables", source(module))

    assert read == (["os.environ"] if module == "users" else []), "ADMIN_PASSWORD, for one command, is no setting"
