import pytest
import sqlalchemy as sa

from servicekit.database import create_engine, database_errors, ping, require_room
from servicekit.errors import DatabaseUnavailable
from servicekit.settings import DatabaseSettings


def test_errors_do_not_carry_what_was_stored(database_url: str) -> None:
    engine = create_engine(DatabaseSettings(DATABASE_URL=database_url))
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as caught:
        connection.execute(sa.text("SELECT 1 / :zero, CAST(:question AS text)"), {"zero": 0, "question": "비밀 질문"})
    engine.dispose()
    assert "division by zero" in str(caught.value)
    assert "비밀 질문" not in str(caught.value)


def test_full_disk_is_told_until_something_can_be_written_again(database_url: str) -> None:
    engine = create_engine(DatabaseSettings(DATABASE_URL=database_url))
    full = "BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END"
    with pytest.raises(DatabaseUnavailable, match="STORAGE_FULL"), database_errors(), engine.connect() as connection:
        connection.execute(sa.text(f"DO $$ {full} $$"))
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE FUNCTION fail() RETURNS event_trigger LANGUAGE plpgsql AS $$ {full} $$"))
        connection.execute(sa.text("CREATE EVENT TRIGGER full_disk ON ddl_command_start EXECUTE FUNCTION fail()"))
    with pytest.raises(DatabaseUnavailable, match="STORAGE_FULL"):
        require_room(engine)
    ping(engine)  # it can be read
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER EVENT TRIGGER full_disk DISABLE"))
    for _ in range(2):
        require_room(engine)
    engine.dispose()


def test_server_logs_no_statement_and_no_value_of_one(database_url: str) -> None:
    engine = create_engine(DatabaseSettings(DATABASE_URL=database_url))
    with engine.connect() as connection:
        names = ("log_min_error_statement", "log_error_verbosity")
        settings = [connection.scalar(sa.text(f"SHOW {name}")) for name in names]
    engine.dispose()
    assert settings == ["panic", "terse"]
