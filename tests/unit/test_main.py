import subprocess
import sys

from motet import __version__


def test_the_module_runs_like_the_command():
    done = subprocess.run([sys.executable, "-m", "motet", "--version"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, __version__ in done.stdout) == (0, True)


def test_a_wrong_verb_leaves_with_an_error_and_no_traceback():
    done = subprocess.run([sys.executable, "-m", "motet", "certifi"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "certify" in done.stderr and "Traceback" not in done.stderr
