"""Nothing in the package can run code that it reads: no pickles, no eval, no foreign model code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from ._tree import modules, name_of

MODULES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
CALLS = {"eval", "exec", "__import__", "compile"}
METHODS = {"torch.load", "torch.jit.load", "pd.read_pickle", "pandas.read_pickle", "yaml.load", "os.system"}
NUMPY_LOADS = {"np.load", "numpy.load"}


def dangers(tree: ast.AST) -> Iterator[str]:
    """Yield what could run foreign code, with its line."""
    for node in ast.walk(tree):
        for danger in (*_imports(node), *_calls(node), *_trusts(node)):
            yield f"line {getattr(node, 'lineno', '?')}: {danger}"


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
        names += ["torch.load" for alias in node.names if (node.module, alias.name) == ("torch", "load")]
    else:
        return []
    return [name for name in names if name.split(".")[0] in MODULES or name in METHODS]


def _calls(node: ast.AST) -> list[str]:
    if not isinstance(node, ast.Call):
        return []
    name = ast.unparse(node.func)
    if name in NUMPY_LOADS:
        safe = any(each.arg == "allow_pickle" and _is_false(each.value) for each in node.keywords)
        return [] if safe else [f"{name} without allow_pickle=False"]
    return [name] if name in CALLS | METHODS else []


def _trusts(node: ast.AST) -> list[str]:
    word = "trust_remote_code"
    if isinstance(node, ast.keyword):
        return [word] if node.arg == word and not _is_false(node.value) else []
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [
            word for key, value in pairs if isinstance(key, ast.Constant) and key.value == word and not _is_false(value)
        ]
    return []


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_reads_nothing_that_could_run(path: Path) -> None:
    assert list(dangers(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "import marshal as m",
        "def f():\n    import cloudpickle",
        "torch.load(path, weights_only=True)",
        "from torch import load",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "eval(text)",
        "exec(text)",
        "AutoModel.from_pretrained(path, trust_remote_code=True)",
        "AutoModel.from_pretrained(path, trust_remote_code=wanted)",
        'f(**{"trust_remote_code": True})',
    ],
)
def test_the_search_finds_it(code: str) -> None:
    assert len(list(dangers(ast.parse(code)))) == 1


@pytest.mark.parametrize(
    "code",
    ["model.eval()", "re.compile('x')", "np.load(path, allow_pickle=False)", "f(trust_remote_code=False)"],
)
def test_the_search_leaves_the_harmless_alone(code: str) -> None:
    assert list(dangers(ast.parse(code))) == []
