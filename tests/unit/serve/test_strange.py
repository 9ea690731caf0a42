"""Strange questions, made from /openapi.json: none of them is answered with 5xx, or in another form than described."""

import subprocess
import sys
from pathlib import Path

from .conftest import Shop

CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance"


def test_strange_questions(shop: Shop) -> None:
    tool = Path(sys.executable).with_name("schemathesis")
    spec = f"http://127.0.0.1:{shop.port}/openapi.json"
    options = ["--phases", "fuzzing", "--max-examples", "5", "--checks", CHECKS, "--seed", "1", "--no-color"]
    done = subprocess.run([tool, "run", spec, *options], capture_output=True, text=True, cwd=shop.folder.parent)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "25 passed" in done.stdout
