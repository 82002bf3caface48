"""Write docs/screenshots/: a purchase in the window, and what staff do with it on the desk.

    python -m tests.screenshots

It needs Chromium (`apt-get install chromium-headless-shell`).
"""

import logging
import tempfile
from pathlib import Path

from tests.chromium import browsing
from tests.conftest import ROOT
from tests.screenshots.demo_shop import demo_shop
from tests.screenshots.png import fewer_colours
from tests.screenshots.steps import STEPS, Walk

FOLDER = ROOT / "docs/screenshots"
LOOKS = {"locale": "en-DE", "timezone_id": "Europe/Berlin", "viewport": {"width": 1280, "height": 860}}


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with (
        tempfile.TemporaryDirectory(prefix="quartet-") as folder,
        browsing() as browser,
        demo_shop(Path(folder)) as (shop, url),
    ):
        pages = [browser.new_context(base_url=url, **LOOKS, reduced_motion="reduce").new_page() for _ in range(2)]
        walk, empty = Walk(shop, *pages), browser.new_page()
        for name, step in STEPS:
            page = step(walk)
            image = fewer_colours(empty, page.screenshot())
            (FOLDER / f"{name}.png").write_bytes(image)
            print(f"{name}.png  {len(image) / 1000:>5.1f} kB  {step.__doc__}", flush=True)


if __name__ == "__main__":
    main()
