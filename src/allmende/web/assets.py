"""Front-end files by their plain names: `site.css` → `/static/dist/site-P5GNRJ7P.css`, from the build's manifest."""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings

FOLDER = Path(__file__).resolve().parent / "static"


class AssetMissing(LookupError):
    """The bundle does not hold this file: `node frontend/build.mjs` has not run, or the name is wrong."""


@lru_cache(maxsize=1)
def _manifest(changed: float) -> dict[str, str]:
    return dict(json.loads((FOLDER / "dist" / "manifest.json").read_text()))


def asset_url(name: str) -> str:
    """The address of a bundled file. Raises AssetMissing."""
    manifest = FOLDER / "dist" / "manifest.json"
    try:
        return settings.STATIC_URL + _manifest(manifest.stat().st_mtime)[name]
    except (KeyError, FileNotFoundError):
        raise AssetMissing(f"{name} is not in the front-end bundle; run `make setup`.") from None
