"""Waits until the database has all migrations of this version: `python -m deploy.await_schema`.

The first container of pods of a new version, which may be there before the migrations are done.
"""

import argparse
import time

from deploy.local.schema_version import is_migrated
from servicekit.settings import DatabaseSettings

_LOOK_EVERY_SECONDS = 1.0


def main() -> None:
    """Returns once it is so; a database that is away is waited for as well."""
    url = DatabaseSettings().database_url.get_secret_value()
    while not is_migrated(url):
        time.sleep(_LOOK_EVERY_SECONDS)


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    main()
