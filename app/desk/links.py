"""Links within the desk."""

import re
from urllib.parse import urlencode

MAX_LENGTH = 2_000
LOCAL = re.compile(r"/desk(/[A-Za-z0-9._~%:@!$&'()*+,;=/-]*)?(\?[A-Za-z0-9._~%:@!$&'()*+,;=/?-]*)?\Z")


def local(url: str | None) -> str | None:
    """The address if it is one of the desk, otherwise None: nobody is sent elsewhere by a link that was made for it."""
    if not url or len(url) > MAX_LENGTH or not LOCAL.match(url) or "//" in url.partition("?")[0]:
        return None
    return None if "/../" in f"{url.partition('?')[0]}/" else url


def with_query(url: str, **values: str) -> str:
    """The address with these values, which replace earlier ones of their names."""
    path, _, query = url.partition("?")
    rest = [each for each in query.split("&") if each and each.partition("=")[0] not in values]
    return f"{path}?{'&'.join([*rest, urlencode(values)])}"
