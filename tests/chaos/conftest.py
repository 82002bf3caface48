"""What the tests of bad days share."""

from collections.abc import Iterator

import pytest

from tests.topologies import ShopOnServers, live_shop


@pytest.fixture(scope="module")
def one_split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopOnServers]:
    """Each module in processes of its own."""
    with live_shop(tmp_path_factory.mktemp("split"), split=True) as shop:
        yield shop
