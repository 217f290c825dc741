from pathlib import Path

from deploy.local.schema_version import VERSIONS, heads, is_migrated
from tests.real_servers import Postgres


def test_history_has_one_newest_revision() -> None:
    assert len(heads(VERSIONS)) == 1


def test_migrated_database_is_told_from_others(postgres: Postgres, database_url: str, tmp_path: Path) -> None:
    assert is_migrated(database_url)
    assert not is_migrated(postgres.new_empty_database())
    assert not is_migrated("postgresql://nobody@127.0.0.1:1/nothing")

    for file in VERSIONS.glob("*.py"):
        (tmp_path / file.name).write_text(file.read_text())
    newer = f'revision = "9999"\ndown_revision = "{heads(VERSIONS)[0]}"\n'
    (tmp_path / "9999_newer.py").write_text(newer)
    assert not is_migrated(database_url, tmp_path)
