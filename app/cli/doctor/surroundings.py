"""Checks of this process and machine: settings, ports, the data folder, and installed packages."""

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from configparser import ConfigParser
from importlib import metadata
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryFile
from urllib.request import ProxyHandler, build_opener

from packaging.requirements import Requirement

from app.config.reading import Declared, declared
from app.config.settings import Settings
from app.kernel.check_result import CheckResult, ok, warn, wrong
from app.runtime.metrics_port import metrics_port
from app.runtime.server import CannotServe, check_port
from app.wiring import Module

QUICK = 3.0  # seconds for each request
SCARCE, TOO_SCARCE = 2**30, 100 * 2**20  # bytes
SETUP = Path(__file__).parents[3] / "setup.cfg"


def settings_check(settings: Settings, modules: Sequence[Module]) -> Iterator[CheckResult]:
    """Check for unknown settings, and for development settings on a public address.

    A setting with a wrong value has stopped the start already.
    """
    names = {about["name"] for about in declared(Settings)}
    strange = {name: "" for name in settings.variables if name.startswith("QUARTET_") and name not in names}
    strange |= settings.misspelt(module.settings for module in modules)
    for name, meant in sorted(strange.items()):
        sentence = f"{name} is set, but it is not a setting" + (f": {meant} is" if meant else "")
        yield warn("settings", "", sentence, f"rename it to {meant}" if meant else "see docs/settings.md, or unset it")
    of_all: list[Declared] = [settings, *(module.settings for module in modules)]
    exposed = not settings.production and not ip_address(settings.host).is_loopback
    unsafe = [sentence for each in of_all for sentence in each.unsafe()] if exposed else []
    missing = list(dict.fromkeys(sentence.split()[0] for sentence in unsafe))
    if missing:
        sentence = f"it listens on {settings.host} in development, without settings that production requires: "
        yield warn(
            "settings", "", sentence + ", ".join(missing), "set QUARTET_ENV=production and these, or HOST=127.0.0.1"
        )
    if not strange and not missing:
        yield ok("settings", "", f"{settings.environment}, on {settings.host}:{settings.port}")


def ports_check(settings: Settings, modules: Sequence[Module]) -> Iterator[CheckResult]:
    """Check that each port is free or used by this shop, and that no two settings name the same port."""
    here = f"[{settings.host}]" if ":" in settings.host else settings.host
    required = [("PORT", settings.host, settings.port, f"http://{here}:{settings.port}/livez", _is_shop)]
    for program in (each for module in modules for each in module.programs):
        health = f"http://127.0.0.1:{program.port}{program.health}"
        required.append((program.port_setting, "127.0.0.1", program.port, health, _is_ready))
    if port := metrics_port(settings, modules):
        required.append(("METRICS_PORT", settings.host, port, f"http://{here}:{port}/metrics", _is_metrics))
    names: dict[int, list[str]] = {}
    for name, _, port, _, _ in required:
        names.setdefault(port, []).append(name)
    for port, some in names.items():
        if len(some) > 1:
            yield wrong("ports", "", f"{' and '.join(some)} are both {port}", f"set {some[-1]} to another port")
    for name, host, port, url, is_ours in required:
        try:
            check_port(host, port, f"{name}={(port + 77) % 65535}")
        except CannotServe as why:
            sentence, _, advice = str(why).partition(": ")
            if is_ours(url):
                yield ok("ports", "", f"{name} {port} is used by the running shop")
            else:
                yield wrong("ports", "", sentence, advice or f"set {name} to another port")
        else:
            yield ok("ports", "", f"{name} {port} is free")


def data_check(settings: Settings, stored: Iterable[str]) -> Iterator[CheckResult]:
    """Check that the data folder is writable and has free space. `stored`: what is stored in it."""
    what = ", ".join(stored)
    if not what:
        yield ok("data", "", "nothing is stored in QUARTET_DATA: all data is on servers")
        return
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(b"0")
    except OSError as error:
        why = f"{folder} is not writable: {error.strerror}"
        yield wrong("data", "", why, "set QUARTET_DATA to a writable folder, or free space in it")
        return
    free = shutil.disk_usage(folder).free
    sentence = f"{free / 2**20:,.0f} MiB are free in {folder}, where these are stored: {what}"
    if free < SCARCE:
        yield (wrong if free < TOO_SCARCE else warn)(
            "data", "", sentence, "free space, or set QUARTET_DATA to another disk"
        )
    else:
        yield ok("data", "", f"{folder} has enough free space for {what}")


def packages_check(setup: Path = SETUP) -> Iterator[CheckResult]:
    """Compare the installed packages with the version ranges that this version requires."""
    required, strange = _required(setup), []
    if not required:
        yield ok("packages", "", "not compared: the requirements of this version are not available here")
        return
    for requirement in required:
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            strange.append(f"{requirement.name} is not installed")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            strange.append(f"{requirement.name} is {version}, not {requirement.specifier}")
    if strange:
        yield wrong("packages", "", "; ".join(strange), "run `pip install --require-hashes -r requirements.lock`")
    else:
        yield ok("packages", "", "as this version requires")


def _required(setup: Path) -> list[Requirement]:
    """The requirements in setup.cfg, or those of the installed package; none in an image, which is built from the lock
    file."""
    read = ConfigParser()
    if read.read(setup):
        lines = [line.partition("#")[0].strip() for line in read["options"]["install_requires"].splitlines()]
    else:
        try:
            lines = metadata.requires("quartet") or []
        except metadata.PackageNotFoundError:
            lines = []
    required = [Requirement(line) for line in lines if line]
    return [each for each in required if each.marker is None or each.marker.evaluate({"extra": ""})]


def _is_shop(url: str) -> bool:
    page = _page(url)
    return '"status"' in page and json.loads(page).get("status") == "alive"


def _is_ready(url: str) -> bool:
    return '"ready"' in _page(url)


def _is_metrics(url: str) -> bool:
    return "quartet_" in _page(url)


def _page(url: str) -> str:
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=QUICK) as answer:  # http_proxy is ignored
            return str(answer.read(100_000).decode(errors="replace"))
    except (OSError, ValueError):
        return ""
