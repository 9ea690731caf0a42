"""Names of tasks and views as names of modules, which may hold no dots."""


def module_name(name: str) -> str:
    """Return `name` with dots replaced, so that torch accepts it as the name of a module."""
    return name.replace(".", "·")
