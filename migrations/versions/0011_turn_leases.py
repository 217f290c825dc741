"""Leases of the turns in progress. A turn without one belongs to an earlier version, which knows no leases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "turn_leases",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("question_id", UUID, nullable=False),
        sa.Column("leased_until", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("is_stop_requested", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.UniqueConstraint("question_id", name="turn_leases_question_key"),
        schema="chat",
        # Renewed every second in place: room on each page keeps the indexes out of it.
        postgresql_with={"fillfactor": 50},
    )


def downgrade() -> None:
    op.drop_table("turn_leases", schema="chat")
