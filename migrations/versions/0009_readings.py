"""How each file is read, and what of it a person chose.

Files of before were read from their first line to their last, with one row of names and quotation marks; their encoding
stays, because a person may have chosen it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_AS_BEFORE = """
    UPDATE dataset.datasets SET
        chosen = jsonb_build_object('encoding', encoding),
        reading = jsonb_build_object(
            'encoding', encoding, 'delimiter', delimiter, 'quote', '"', 'escape', '',
            'start_line', 1, 'header_rows', 1, 'unit_rows', 0, 'end_line', 0,
            'left_out', '[]'::jsonb, 'filled', '[]'::jsonb,
            'columns', (
                SELECT coalesce(jsonb_object_agg(col ->> 'name', jsonb_build_object('kind', col ->> 'kind')), '{}')
                FROM jsonb_array_elements(profile -> 'columns') AS col
            )
        )
"""


def upgrade() -> None:
    for name in ("reading", "chosen"):
        op.add_column("datasets", sa.Column(name, JSONB, nullable=False, server_default="{}"), schema="dataset")
    op.execute(_AS_BEFORE)


def downgrade() -> None:
    for name in ("chosen", "reading"):
        op.drop_column("datasets", name, schema="dataset")
