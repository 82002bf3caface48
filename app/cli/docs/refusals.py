"""Finds every refusal in the source, for docs/errors.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

from app.web.problems import STATUS


def refusals(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield status, code and sentence of every refusal in a file, also where a function receives them as arguments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    status = {kind.__name__: number for kind, number in STATUS.items()}
    # ast.walk goes from the outside in, so the innermost function of a node overwrites the outer ones.
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
    innermost = {node: function for function in functions for node in ast.walk(function)}
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    for call in calls:
        if (kind := _called(call)) in status:
            function = innermost.get(call)
            if function is None:
                raise ValueError(
                    f"{path}:{call.lineno}: create the refusal where it is raised, so that its sentence can be read"
                )
            words = _assigned(function)
            parameters = [each.arg for each in function.args.args if each.arg != "self"]
            takes_words = any(isinstance(each, ast.Name) and each.id in parameters for each in call.args[:2])
            callers = [each for each in calls if _called(each) == function.name] if takes_words else [call]
            for caller in callers:
                handed = dict(zip(parameters, caller.args, strict=False)) if takes_words else {}
                code, sentence = (
                    _text(words.get(ast.unparse(each), handed.get(ast.unparse(each), each))) for each in call.args[:2]
                )
                if not code or not sentence:
                    raise ValueError(f"{path}:{call.lineno}: the code or the sentence of this refusal cannot be read")
                yield status[kind], code, sentence


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _assigned(function: ast.FunctionDef) -> dict[str, ast.expr]:
    return {ast.unparse(each.targets[0]): each.value for each in ast.walk(function) if isinstance(each, ast.Assign)}


def _text(expression: ast.expr) -> str | None:
    """The text of a literal, or of an f-string with … for each value; None for anything else."""
    if isinstance(expression, ast.JoinedStr):
        return "".join(_text(part) or "…" for part in expression.values)
    return expression.value if isinstance(expression, ast.Constant) and isinstance(expression.value, str) else None
