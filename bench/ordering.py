"""What placing an order costs: `python -m bench.ordering`; `--beside ../other` also in another checkout.

CPU time and statements of POST /orders, of the same with shipping, tax and a coupon, of GET /cart and of a quote of the
same basket. Each shop is orders alone, in a process of its own without a server; they run in turns.
"""

import argparse
import os
import random
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parent.parent
SCRIPT = Path(__file__).with_name("ordering_side.py").read_text(encoding="utf-8")
BLOCK = 20  # requests of one measurement
NAMES = {"order": "POST /orders", "cart": "GET /cart", "quote": "POST /cart/quote"}

Row = tuple[str, str]
"""A side, and the name of a request."""


class Side:
    """One shop, in its own process, which waits for its turn."""

    def __init__(self, tree: Path, *words: str) -> None:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", SCRIPT, *words]
        environment = {**os.environ, "PYTHONPATH": str(tree)}
        self.process = subprocess.Popen(command, cwd=tree, env=environment, stdin=pipe, stdout=pipe, text=True)

    def asks(self, name: str, how_often: object) -> float:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{name} {how_often}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def end(self) -> None:
        """Close stdin, at which the process ends."""
        self.process.communicate()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--beside", type=Path, metavar="DIR", help="another checkout, of which only plain orders run")
    options.add_argument("--rounds", type=int, default=60, help="rounds (default 60)")
    args = options.parse_args()
    with ExitStack() as stack:
        sides = {"plain": Side(ROOT), "everything": Side(ROOT, "everything")}
        if args.beside:
            sides["other"] = Side(args.beside.resolve())
        for each in sides.values():
            stack.callback(each.end)
        rows = [(side, name) for side in sides for name in (["order"] if side == "other" else NAMES)]
        statements = {row: sides[row[0]].asks(row[1], "statements") for row in rows}
        took: dict[Row, list[float]] = {row: [] for row in rows}
        for turn in range(-1, args.rounds):
            for row in random.sample(rows, len(rows)):
                found = sides[row[0]].asks(row[1], BLOCK)
                if turn >= 0:  # the first round warms up
                    took[row].append(found)
    show(took, statements)


def show(took: dict[Row, list[float]], statements: dict[Row, float]) -> None:
    """Print microseconds and statements, and what each row is compared with; ratios are medians within the rounds."""
    compared = {("plain", "order"): ("other", "order"), ("everything", "order"): ("plain", "order")}
    compared |= {(side, "quote"): (side, "cart") for side in ("plain", "everything")}
    print(f"{'CPU, orders alone, SQLite':<32}{'p10, µs':>10}{'median, µs':>12}{'statements':>12}{'ratio':>8}{'p10':>7}")
    for row, some in took.items():
        side, name = row
        line = f"{side + ', ' + NAMES[name]:<32}{quiet(some):>10.0f}{median(some):>12.0f}{statements[row]:>12.0f}"
        if beside := took.get(compared.get(row, row) if row in compared else ("", "")):
            ratio = median(mine / other for mine, other in zip(some, beside, strict=True))
            line += f"{ratio:>8.2f}{quiet(some) / quiet(beside):>7.2f}  of {', '.join(compared[row])}"
        print(line)


def quiet(some: list[float]) -> float:
    """The quiet tenth: what other programs on this machine disturb least."""
    return quantiles(some, n=10)[0]


if __name__ == "__main__":
    main()
