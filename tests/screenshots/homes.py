"""What a browser transfers for the home of the window and of the desk, cold: `python -m tests.screenshots.homes`.

Bytes of all bodies as they are transferred, with what each page loads, in the demo shop.
"""

import tempfile
from pathlib import Path
from typing import Any

from tests.chromium import browsing
from tests.desk.steps import ROLES
from tests.screenshots.demo_shop import demo_shop

MAX_BYTES = 60_000  # bytes
HOMES = (("window, English", "/", "en-DE"), ("window, German", "/", "de-DE"), ("desk", "/desk/orders/home", "en-DE"))


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="quartet-") as folder,
        browsing() as browser,
        demo_shop(Path(folder)) as (shop, url),
    ):
        print(f"{'home':<18}{'loads':>7}{'bytes':>9}{'at most':>9}")
        for name, path, locale in HOMES:
            context = browser.new_context(base_url=url, locale=locale)
            token = shop.token(ROLES["staff"], "staff")
            context.add_cookies([{"name": "desk_token", "value": token, "url": f"{url}/desk"}])
            sizes = transferred(context.new_page(), path)
            print(f"{name:<18}{len(sizes):>7}{sum(sizes):>9,}{MAX_BYTES:>9,}", flush=True)
            context.close()


def transferred(page: Any, path: str) -> list[int]:
    """The size of each body, once the page loads nothing more."""
    requests = list[Any]()
    page.on("requestfinished", lambda request: requests.append(request))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return [request.sizes()["responseBodySize"] for request in requests]


if __name__ == "__main__":
    main()
