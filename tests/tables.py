"""Makes the tables of a fresh data folder, and nothing else: `python -m tests.tables DIR`."""

import os
import sys


def main(folder: str) -> None:
    os.environ["ALLMENDE_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.run.settings")
    os.makedirs(folder, exist_ok=True)
    import django

    django.setup()
    from allmende.run.databases import prepare

    prepare()
    print("{}")


if __name__ == "__main__":
    main(sys.argv[1])
