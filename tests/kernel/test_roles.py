"""Each database has one role, which cannot be used for another database."""

from itertools import permutations

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from tests.servers import address

MODULES = ("catalog", "orders", "payments", "users")


@pytest.mark.parametrize(("role", "of"), list(permutations(MODULES, 2)))
def test_the_role_of_one_module_is_refused_by_the_database_of_another(role: str, of: str) -> None:
    own, other = (make_url(address(f"TEST_{name.upper()}_DATABASE_URL")) for name in (role, of))
    intruding = create_engine(other.set(username=own.username, password=own.password))

    with pytest.raises(OperationalError, match=r"authentication failed|does not exist|permission denied"):
        intruding.connect()


@pytest.mark.parametrize("name", MODULES)
def test_it_is_let_in_at_home(name: str) -> None:
    engine = create_engine(address(f"TEST_{name.upper()}_DATABASE_URL"))

    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar() == name
    engine.dispose()
