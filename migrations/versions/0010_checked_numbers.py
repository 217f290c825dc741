"""How the numbers of each answer were checked; unknown for answers of before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("number_check", JSONB), schema="chat")


def downgrade() -> None:
    op.drop_column("messages", "number_check", schema="chat")
