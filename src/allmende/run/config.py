"""Reading the environment, so that settings stay declarative."""

import os


def env(name: str, default: str) -> str:
    """The setting's text, or the default where it is absent or empty."""
    return os.environ.get(name) or default


def env_flag(name: str) -> bool:
    """True for 1, true, yes, on."""
    return os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")


def env_list(name: str, default: str) -> list[str]:
    """A comma-separated list without blanks."""
    return [part.strip() for part in env(name, default).split(",") if part.strip()]
