"""What a shop that was built from a package shows to a browser."""

import re
from urllib.request import urlopen

DESK = "/desk/users/sign-in"


def opens(url: str, page: str) -> None:
    """The page answers with HTML, and so does everything that it loads."""
    html = _got(url, page)
    loaded = re.findall(r'<(?:script|link)[^>]* (?:src|href)="(/[^"]+)"', html)
    assert len(loaded) > 1, html[:500]
    for each in loaded:
        assert _got(url, each), each


def _got(url: str, path: str) -> str:
    with urlopen(f"{url}{path}", timeout=60) as answer:
        return str(answer.read().decode())
