"""The gateway as it is deployed, on a free port, with addresses of this machine."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path

from tests.conftest import ROOT, answers, free_port, until
from tests.servers import program

FILES = ROOT / "deploy/gateway"
READS = "3000r/m"


@contextmanager
def gateway(
    folder: Path,
    ports: Mapping[str, int],
    front: str | None = None,
    tls: int = 0,
    files: Path = FILES,
    reads: str = READS,
) -> Iterator[str]:
    """nginx before modules on these ports; its base URL.

    `tls`: the port that has the certificate in folder/tls. `reads`: the rate limit of public reads.
    """
    port, place = free_port(), folder / "gateway"
    shutil.copytree(files, place, dirs_exist_ok=True)
    shutil.copytree(ROOT / "app/web/swagger", place / "docs", dirs_exist_ok=True)
    _write_addresses(place, ports)
    conf = (files / "nginx.conf").read_text().replace(f"rate={READS};", f"rate={reads};")
    (place / "nginx.conf").write_text(conf.replace("/dev/stdout", str(place / "access.log")))
    listen = (files / ("listen-tls.conf" if tls else "listen.conf")).read_text()
    for theirs, ours in ((8080, port), (8443, tls)):
        listen = listen.replace(f"[::]:{theirs}", f"[::1]:{ours}").replace(f" {theirs}", f" 127.0.0.1:{ours}")
    (place / "listen.conf").write_text(listen)
    if tls:
        shutil.copytree(folder / "tls", place / "tls", dirs_exist_ok=True)
    if front is not None:
        (place / "front.conf").write_text(front)
    command = [program("nginx"), "-p", str(place), "-c", "nginx.conf", "-g", f"daemon off; user {getuser()};"]
    with (place / "error.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/livez"), f"the gateway answers; see {place}/error.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def points_at(folder: Path, ports: Mapping[str, int]) -> None:
    """The gateway sends requests there from now on; those that are under way end where they are."""
    _write_addresses(folder / "gateway", ports)
    reload(folder)


def reload(folder: Path) -> None:
    """The gateway reads its files again."""
    subprocess.run([program("nginx"), "-p", str(folder / "gateway"), "-c", "nginx.conf", "-s", "reload"], check=True)


def _write_addresses(place: Path, ports: Mapping[str, int]) -> None:
    lines = [f"    {module} 127.0.0.1:{port};\n" for module, port in ports.items()]
    (place / "addresses.conf").write_text("map $asked$module $address {\n" + "".join(lines) + "}\n")
