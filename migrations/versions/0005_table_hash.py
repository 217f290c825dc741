"""SHA-256 of each Parquet file; empty for older files, which are rewritten when first read."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("datasets", sa.Column("table_hash", sa.Text, nullable=False, server_default=""), schema="dataset")


def downgrade() -> None:
    op.drop_column("datasets", "table_hash", schema="dataset")
