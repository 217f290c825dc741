"""Datasets that expire, and batches of their rows; null for datasets that are kept and for batches of accidents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("datasets", sa.Column("expires_at", TIMESTAMP(timezone=True)), schema="dataset")
    op.add_column("batches", sa.Column("columns", JSONB), schema="prediction")
    op.add_column("batches", sa.Column("content_hash", sa.Text), schema="prediction")


def downgrade() -> None:
    op.drop_column("batches", "content_hash", schema="prediction")
    op.drop_column("batches", "columns", schema="prediction")
    op.drop_column("datasets", "expires_at", schema="dataset")
