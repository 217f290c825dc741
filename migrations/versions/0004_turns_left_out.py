"""How many earlier questions of the conversation were left out when an answer was generated."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("turns_left_out", sa.Integer, nullable=False, server_default="0")
    op.add_column("messages", column, schema="chat")


def downgrade() -> None:
    op.drop_column("messages", "turns_left_out", schema="chat")
