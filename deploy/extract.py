"""Extract one module into a project of its own: `python deploy/extract.py orders ../orders`.

It copies the module, the shared code, its migrations and its tests, and the dependencies that these import. The
dependencies are read from the imports, not from a list here.
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
WITH = {"orders": ["storefront"], "payments": ["sandbox"]}  # folders that only one module uses
PYTHONS = (
    "3.11.0",
    "3.11.3",
    "3.12.0",
    "3.13.0",
)  # the supported versions of setup.cfg; a patch version where requirements change
IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")
TEMPLATES = Path(__file__).parent / "extracted"


def main() -> None:
    """Extract the module and print the next steps."""
    options = argparse.ArgumentParser(description="Extract one module into a project of its own.")
    options.add_argument("module", choices=MODULES)
    options.add_argument("to", type=Path, help="an empty or new folder, outside this project")
    args = options.parse_args()
    to: Path = args.to.resolve()
    if to.exists() and any(to.iterdir()):
        sys.exit(f"{to} is not empty: use an empty or new folder.")
    if to.is_relative_to(ROOT):
        sys.exit(f"{to} is inside this project: use a folder outside it.")
    extract(args.module, to)
    files = [each for each in to.rglob("*") if each.is_file()]
    lines = sum(each.read_text(errors="ignore").count("\n") for each in files if each.suffix == ".py")
    sys.stdout.write(f"{args.module} was extracted to {to}: {len(files)} files, {lines} lines of Python.\n")
    sys.stdout.write(f"Next:  make -C {to} test\n       make -C {to} run\n")


def extract(module: str, to: Path) -> None:
    """Write the whole project into an empty folder, with its generated docs."""
    others = [each for each in MODULES if each != module]
    folders = WITH.get(module, [])
    _copy_code(module, others, folders, to)
    programs = [
        each for each in folders if (ROOT / each / "__init__.py").exists()
    ]  # the tests of others need all modules
    _copy_tests(module, programs, to)
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
    required, left_out = _dependencies(to)
    _write_setup(module, others, left_out, to)
    for lock, extra in (("requirements.lock", []), ("requirements-tracing.lock", _extra("tracing"))):
        _write_lock(lock, closure([*required, *extra]), to)
    _write_lock("requirements-dev.lock", closure([*required, *_extra("dev")]), to)
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
    """The module's tests, those of the shared code, and the helpers that these import."""
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
    """The full name of every module that a file imports, and of every name that it imports from one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _imported_by(tree: Path) -> set[str]:
    """The distributions that the code of a project imports."""
    paths = [path for folder in ("app", "sandbox", "migrations") for path in (tree / folder).rglob("*.py")]
    names = {name.partition(".")[0] for path in paths for name in _imports(path)}
    found = packages_distributions()
    return {canonicalize_name(each) for name in names for each in found.get(name, [])}


def _dependencies(to: Path) -> tuple[list[str], set[str]]:
    """The requirements of setup.cfg that the new project needs, and the names of those that only other modules need."""
    left_out = _imported_by(ROOT) - _imported_by(to)
    needed = [line for line in _extra("") if canonicalize_name(Requirement(line).name) not in left_out]
    return needed, left_out


def _extra(name: str) -> list[str]:
    """The requirements of an extra of setup.cfg; of install_requires, if the name is empty."""
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
    """The names of these requirements and of their dependencies on any of these Pythons, as far as installed here."""
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
    """Whether its marker applies to this Python version on this platform."""
    environment = {"python_version": ".".join(python.split(".")[:2]), "python_full_version": python, "extra": extra}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def _requires(name: str) -> Iterable[str]:
    try:
        return distribution(name).requires or ()
    except PackageNotFoundError:  # needed only on another Python: async-timeout, before 3.11.3
        return ()


def _write_lock(name: str, needed: set[str], to: Path) -> None:
    """Copy the blocks of the needed packages from our lock file, with their hashes."""
    blocks = re.split(r"^(?=[a-z0-9])", (ROOT / name).read_text(), flags=re.M | re.I)
    blocks = [each for each in blocks if each.strip() and canonicalize_name(re.split("[=[ ]", each)[0]) in needed]
    lines = [line for line in "".join(blocks).splitlines() if not line.lstrip().startswith("#")]
    (to / name).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
