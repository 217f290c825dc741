"""Checks whether the database has all migrations, in milliseconds; running Alembic needlessly takes a second."""

import re
from contextlib import closing
from pathlib import Path

import psycopg2

from deploy.local.settings import REPOSITORY

VERSIONS = REPOSITORY / "migrations" / "versions"
_ASSIGNMENT = re.compile(r"^(revision|down_revision)\b[^=\n]*= *[\"'](\w+)[\"']", re.MULTILINE)


def is_migrated(database_url: str, versions: Path = VERSIONS) -> bool:
    """Tells whether the database is at the newest revision. False also if that is unknown."""
    try:
        with closing(psycopg2.connect(database_url, connect_timeout=2)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('alembic_version')")  # selecting from a missing table would log an error
            if cursor.fetchone() == (None,):
                return False
            cursor.execute("SELECT version_num FROM alembic_version")
            revisions = [str(row[0]) for row in cursor.fetchall()]
    except psycopg2.Error:
        return False
    return revisions == heads(versions)


def heads(versions: Path) -> list[str]:
    """Returns the revisions without a successor; exactly one, unless the history is broken."""
    named: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in versions.glob("*.py"):
        for kind, revision in _ASSIGNMENT.findall(file.read_text()):
            named[kind].add(revision)
    return sorted(named["revision"] - named["down_revision"])
