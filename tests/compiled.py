"""What is compiled once in a process, and not once for each of its thousands of shops: most of a short test's time."""

from functools import cache, partial
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from app.kernel import engines
from app.web.storefront import File

COMPILED = ("_parts", "_trace", "_converters", "arguments", "_build", "_build_unknown")
COMPILE = Rule.compile
_rules: dict[Any, dict[str, Any]] = {}


class SharedCache(LRUCache[Any, Any]):
    """SQLAlchemy's cache of compiled statements, for all engines of a sort of database together."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_its_sort(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_its_sort(key), value)


def share() -> None:
    """From now on, in this process: statements, the rules of addresses, the compressed files of the shop window."""
    engines.create_engine = partial(create_engine, execution_options={"compiled_cache": SharedCache(5000)})  # type: ignore[attr-defined]
    File.of = cache(File.of)  # type: ignore[method-assign]
    Rule.compile = _compile_rule  # type: ignore[method-assign,assignment]


def _compile_rule(rule: Rule) -> None:
    """Take over what was compiled for an equal rule, with the converters of its application: they have no state."""
    key = (rule.rule, rule.subdomain, rule.merge_slashes, repr(rule.defaults))
    if key not in _rules:
        COMPILE(rule)
        _rules[key] = {name: vars(rule)[name] for name in COMPILED}
    vars(rule).update(_rules[key])


def _of_its_sort(key: Any) -> Any:
    """SQLAlchemy's key begins with the dialect of one engine."""
    dialect, *rest = key
    return (dialect.name, *rest)
