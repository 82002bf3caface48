"""Updates pages that quote code: a Python block that begins with `# file: name` gets the current definition.

A name is a function, a class, or `Class.method`; `name …` quotes only the signature and the docstring.
"""

import ast
import re
from pathlib import Path

QUOTE = re.compile(r"(^```python\n# (\S+\.py): (\S+)( …)?\n).*?(^```$)", re.MULTILINE | re.DOTALL)


def requoted(page: str, root: Path) -> str:
    """The page with each quote updated. Raises LookupError where a file or a definition does not exist."""

    def quote(found: re.Match[str]) -> str:
        begin, file, name, short, end = found.groups()
        if not (root / file).is_file():
            raise LookupError(f"A page quotes {file}, which does not exist.")
        return f"{begin}{_definition(root / file, name, bool(short))}{end}"

    return QUOTE.sub(quote, page)


def _definition(path: Path, name: str, short: bool) -> str:
    source = path.read_text(encoding="utf-8")
    node: ast.AST = ast.parse(source)
    for part in name.split("."):
        node = next((each for each in ast.iter_child_nodes(node) if _is_named(each, part)), node)
        if not _is_named(node, part):
            raise LookupError(f"A page quotes {name} of {path}, which does not define it.")
    assert isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Assign)
    decorators = [] if isinstance(node, ast.Assign) else node.decorator_list
    first = min(each.lineno for each in (node, *decorators))
    last = node.body[0].end_lineno if short and not isinstance(node, ast.Assign) else node.end_lineno
    return "".join(source.splitlines(keepends=True)[first - 1 : last])


def _is_named(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(each, ast.Name) and each.id == name for each in node.targets)
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
