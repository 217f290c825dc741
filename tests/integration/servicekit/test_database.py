import pytest
import sqlalchemy as sa

from servicekit.database import create_engine
from servicekit.settings import DatabaseSettings


def test_errors_do_not_carry_what_was_stored(database_url: str) -> None:
    engine = create_engine(DatabaseSettings(DATABASE_URL=database_url))
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as caught:
        connection.execute(sa.text("SELECT 1 / :zero, CAST(:question AS text)"), {"zero": 0, "question": "비밀 질문"})
    engine.dispose()
    assert "division by zero" in str(caught.value)
    assert "비밀 질문" not in str(caught.value)
