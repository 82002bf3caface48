"""Compare the CPU time of one GET in this checkout and in another: `python -m bench.beside ../other`.

The two run in turns, without a server: over HTTP the differences are smaller than the noise. If
OTEL_EXPORTER_OTLP_ENDPOINT is set to a receiver of traces, this checkout is also measured with tracing.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

from bench.shop import GENEROUS

ROOT = Path(__file__).parent.parent
GETS = 500  # per round
RECEIVER = "OTEL_EXPORTER_OTLP_ENDPOINT"
CHILD = """
import io, os, sys, time
output, sys.stdout = sys.stdout, open(os.devnull, "w")
from wsgi import app
from app.runtime.migrate import upgrade
modules = list(app.extensions["quartet_modules"].values())
upgrade(modules)
for module in modules:
    if module.demo:
        module.demo()
app.extensions["quartet_background"].run_until_quiet()
items = app.test_client().get("/api/v1/products?limit=1").json["items"]
environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/products/" + items[0]["slug"], "SERVER_NAME": "x",
         "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "REMOTE_ADDR": "127.0.0.1",
         "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False}
def get():
    statuses = []
    answer = app({**environ, "wsgi.input": io.BytesIO()}, lambda status, headers, error=None: statuses.append(status))
    body = b"".join(answer)
    answer.close()
    assert statuses == ["200 OK"] and body, statuses
for line in sys.stdin:
    began = time.process_time()
    for _ in range(int(line)):
        get()
    print((time.process_time() - began) / int(line) * 1e6, file=output, flush=True)
"""


class Side:
    """One checkout, in its own process that waits for its turn."""

    def __init__(self, tree: Path, folder: Path, **variables: str) -> None:
        own = {"QUARTET_DATA": str(folder), "LOG_LEVEL": "warning", **GENEROUS, **variables}
        environment = {name: text for name, text in os.environ.items() if name != RECEIVER} | own
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", CHILD]
        self.process = subprocess.Popen(command, cwd=tree, env=environment, stdin=pipe, stdout=pipe, text=True)
        self.took: list[float] = []

    def round(self, gets: int = GETS) -> float:
        """Microseconds of CPU per GET."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{gets}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def end(self) -> None:
        """Close stdin, at which the process ends."""
        self.process.communicate()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("other", type=Path, help="another checkout")
    options.add_argument("--rounds", type=int, default=60, help="rounds; medians are printed (default 60)")
    args = options.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sides = {"other": Side(args.other.resolve(), folder / "other"), "here": Side(ROOT, folder / "here")}
        if receiver := os.environ.get(RECEIVER):
            sides["here, traced"] = Side(ROOT, folder / "traced", **{RECEIVER: receiver})
        for side in sides.values():
            stack.callback(side.end)
            side.round(2 * GETS)  # warm up
        for _ in range(args.rounds):
            for side in random.sample(list(sides.values()), len(sides)):
                side.took.append(side.round())
    print(f"{'GET one product':<16}{'p10, µs':>16}{'median, µs':>12}{'vs. other':>14}")
    for name, side in sides.items():
        ratio = median(mine / other for mine, other in zip(side.took, sides["other"].took, strict=True))
        print(f"{name:<16}{quantiles(side.took, n=10)[0]:>16.1f}{median(side.took):>12.1f}{ratio - 1:>+14.1%}")


if __name__ == "__main__":
    main()
