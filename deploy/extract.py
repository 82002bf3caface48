"""Write one module out as a project of its own: `python deploy/extract.py orders ../orders`.

It takes the module, what every module stands on, its migrations and its tests; and of the dependencies, what these
import. Which they are is read from the code, not from a list here.
"""

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
MODULES = ("catalog", "orders", "payments", "users")
SHARED_TESTS = ("bus", "contracts", "kernel", "migrations")
AS_THEY_ARE = (
    *("LICENSE", ".gitignore", ".dockerignore", "ruff.toml", "pyproject.toml", "setup.py"),
    "deploy/healthcheck.py",
)
WITH = {"payments": ["sandbox"]}  # folders that one module alone uses
PYTHONS = ("3.11.0", "3.11.3", "3.12.0", "3.13.0")  # those that setup.cfg promises; a patch where something changed
IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")
TEMPLATES = Path(__file__).parent / "extracted"


def main() -> None:
    """Write it, and say what to do next."""
    options = argparse.ArgumentParser(description="Write one module out as a project of its own.")
    options.add_argument("module", choices=MODULES)
    options.add_argument("to", type=Path, help="a folder that is empty, or not there")
    asked = options.parse_args()
    to: Path = asked.to.resolve()
    if to.exists() and any(to.iterdir()):
        sys.exit(f"{to} is not empty: name a folder that is, or is not there.")
    if to.is_relative_to(ROOT):
        sys.exit(f"{to} lies in this project: name a folder outside it.")
    extract(asked.module, to)
    files = [each for each in to.rglob("*") if each.is_file()]
    lines = sum(each.read_text(errors="ignore").count("\n") for each in files if each.suffix == ".py")
    sys.stdout.write(f"{asked.module} is in {to}: {len(files)} files, {lines} lines of Python.\n")
    sys.stdout.write(f"Next:  make -C {to} test\n       make -C {to} run\n")


def extract(module: str, to: Path) -> None:
    """The whole of it, into an empty folder."""
    others = [each for each in MODULES if each != module]
    folders = WITH.get(module, [])
    _copy_code(module, others, folders, to)
    _copy_tests(module, folders, to)
    for name in AS_THEY_ARE:
        _copy(name, to)
    unused = [folder for owner, some in WITH.items() if owner != module for folder in some]
    dockerfile = (ROOT / "Dockerfile").read_text()
    for folder in unused:
        dockerfile = dockerfile.replace(f"COPY {folder} {folder}\n", "")
    (to / "Dockerfile").write_text(dockerfile)
    for template in TEMPLATES.iterdir():
        text = template.read_text().replace("{module}", module).replace("{Module}", module.capitalize())
        (to / template.name.removesuffix(".template")).write_text(text)
    kept, left_out = _dependencies(to)
    _write_setup(module, others, left_out, to)
    for lock, extra in (("requirements.lock", []), ("requirements-tracing.lock", _extra("tracing"))):
        _write_lock(lock, closure([*kept, *extra]), to)
    _write_lock("requirements-dev.lock", closure([*kept, *_extra("dev")]), to)
    (to / "docs").mkdir()
    with TemporaryDirectory() as data:
        write = [sys.executable, "-m", "flask", "--app", "wsgi", "docs", "write"]
        own = {**os.environ, "QUARTET_DATA": data}
        subprocess.run(write, cwd=to, env=own, check=True, stdout=subprocess.DEVNULL)


def _copy_code(module: str, others: Iterable[str], folders: Iterable[str], to: Path) -> None:
    shutil.copytree(ROOT / "app", to / "app", ignore=IGNORED)
    for other in others:
        shutil.rmtree(to / "app/modules" / other)
    for folder in folders:
        shutil.copytree(ROOT / folder, to / folder, ignore=IGNORED)
    (to / "app/wsgi.py").write_text((ROOT / f"app/modules/{module}/wsgi.py").read_text())
    _copy("wsgi.py", to)
    for name in ("env.py", "script.py.mako"):
        _copy(f"migrations/{name}", to)
    shutil.copytree(ROOT / "migrations" / module, to / "migrations" / module, ignore=IGNORED)
    ini = (ROOT / "alembic.ini").read_text()
    for other in others:
        ini = re.sub(rf"\n\[{other}\]\n[^\[]*", "\n", ini)
    (to / "alembic.ini").write_text(ini.rstrip() + "\n")


def _copy_tests(module: str, folders: Iterable[str], to: Path) -> None:
    """Its own, those of what it stands on, and the drivers that these use."""
    for folder in (module, *SHARED_TESTS, *folders):
        shutil.copytree(ROOT / "tests" / folder, to / "tests" / folder, ignore=IGNORED)
    _copy("tests/conftest.py", to)
    while missing := {
        name.replace(".", "/") + ".py"
        for path in (to / "tests").rglob("*.py")
        for name in _imports(path)
        if name.startswith("tests.") and (ROOT / (name.replace(".", "/") + ".py")).exists()
        if not (to / (name.replace(".", "/") + ".py")).exists()
    }:
        for name in missing:
            _copy(name, to)


def _copy(name: str, to: Path) -> None:
    (to / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / name, to / name)


def _imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, by its full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _imported_by(tree: Path) -> set[str]:
    """The distributions that a tree's own code imports."""
    paths = [path for folder in ("app", "sandbox", "migrations") for path in (tree / folder).rglob("*.py")]
    names = {name.partition(".")[0] for path in paths for name in _imports(path)}
    found = packages_distributions()
    return {canonicalize_name(each) for name in names for each in found.get(name, [])}


def _dependencies(to: Path) -> tuple[list[str], set[str]]:
    """Of setup.cfg: what the new project needs, and what only other modules import."""
    left_out = _imported_by(ROOT) - _imported_by(to)
    needed = [line for line in _extra("") if canonicalize_name(Requirement(line).name) not in left_out]
    return needed, left_out


def _extra(name: str) -> list[str]:
    """The requirements of setup.cfg; those of an extra, where it is named."""
    option = f"{name} =" if name else "install_requires ="
    block = re.search(rf"^{option}\n((?:    .*\n)+)", (ROOT / "setup.cfg").read_text(), re.M)
    assert block
    return [line.strip() for line in block[1].splitlines() if not line.strip().startswith("#")]


def _write_setup(module: str, others: Iterable[str], left_out: set[str], to: Path) -> None:
    text = (ROOT / "setup.cfg").read_text()
    text = text.replace("name = quartet\n", f"name = quartet-{module}\n", 1)
    text = re.sub(r"^description = .*$", f"description = The {module} module of Quartet, by itself", text, flags=re.M)
    for line in _extra(""):
        if canonicalize_name(Requirement(line).name) in left_out:
            text = text.replace(f"    {line}\n", "")
    files = [name for name in ("app", "wsgi.py", "sandbox", "deploy", "migrations/env.py") if (to / name).exists()]
    text = re.sub(r"^files = .*$", f"files = {', '.join(files)}", text, flags=re.M)
    for other in others:
        text = re.sub(rf", modules/{other}/[^,\n]*", "", text)
    (to / "setup.cfg").write_text(text)


def closure(requirements: Iterable[str], pythons: Iterable[str] = PYTHONS) -> set[str]:
    """The names of these and of all that they need on any of these Pythons, as far as it is installed here."""
    found: set[str] = set()
    open_ = [(Requirement(line), frozenset(Requirement(line).extras)) for line in requirements]
    while open_:
        requirement, extras = open_.pop()
        name = canonicalize_name(requirement.name)
        known = f"{name}[{','.join(sorted(extras))}]"
        if known in found:
            continue
        found |= {name, known}
        for line in _requires(name):
            needed = Requirement(line)
            if any(applies(needed, python, extra) for python in pythons for extra in (*extras, "")):
                open_.append((needed, frozenset(needed.extras)))
    return found


def applies(requirement: Requirement, python: str, extra: str = "") -> bool:
    """Whether it is needed on a Python of this version, on this kind of machine."""
    there = {"python_version": ".".join(python.split(".")[:2]), "python_full_version": python, "extra": extra}
    return requirement.marker is None or requirement.marker.evaluate(there)


def _requires(name: str) -> Iterable[str]:
    try:
        return distribution(name).requires or ()
    except PackageNotFoundError:  # another Python needs it: async-timeout, before 3.11.3
        return ()


def _write_lock(name: str, wanted: set[str], to: Path) -> None:
    """The blocks of our lock that are wanted, with their hashes."""
    blocks = re.split(r"^(?=[a-z0-9])", (ROOT / name).read_text(), flags=re.M | re.I)
    kept = [block for block in blocks if block.strip() and canonicalize_name(re.split("[=[ ]", block)[0]) in wanted]
    lines = [line for line in "".join(kept).splitlines() if not line.lstrip().startswith("#")]
    (to / name).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
