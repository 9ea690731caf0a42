"""`python -m motet …` is `motet …`, for where the script is not on the path."""

from motet.cli.main import run

if __name__ == "__main__":
    run()
