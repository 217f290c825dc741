"""SHA-256 of an upload with an idempotency key; empty for uploads without one, and for older ones."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("datasets", sa.Column("request_hash", sa.Text, nullable=False, server_default=""), schema="dataset")


def downgrade() -> None:
    op.drop_column("datasets", "request_hash", schema="dataset")
