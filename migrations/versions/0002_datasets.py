"""Datasets, their leases and their share links."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("original_file", sa.Text, nullable=False, unique=True),
        sa.Column("table_file", sa.Text, nullable=False, unique=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("columns", sa.Integer, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("encoding", sa.Text, nullable=False),
        sa.Column("delimiter", sa.Text, nullable=False),
        sa.Column("bytes_hash", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("profile", JSONB, nullable=False),
        sa.Column("idempotency_key", sa.Text, unique=True),
        sa.Column("uploaded_at", TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        sa.CheckConstraint("rows >= 1 AND columns >= 1 AND size_bytes >= 1", name="datasets_counts_check"),
        schema="dataset",
    )
    op.create_index(
        "datasets_newest_idx",
        "datasets",
        [sa.text("uploaded_at DESC"), sa.text("id DESC")],
        schema="dataset",
    )
    op.create_table(
        "leases",
        sa.Column("dataset_id", UUID, sa.ForeignKey("dataset.datasets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("holder", sa.Text, primary_key=True),
        sa.Column("expires_at", TIMESTAMP(timezone=True), nullable=False),
        schema="dataset",
    )
    op.create_index("leases_expiry_idx", "leases", ["expires_at"], schema="dataset")
    op.create_table(
        "share_links",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("dataset_id", UUID, sa.ForeignKey("dataset.datasets.id", ondelete="CASCADE"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("expires_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("views", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("revoked_at", TIMESTAMP(timezone=True)),
        sa.CheckConstraint("octet_length(token_hash) = 32", name="share_links_token_hash_check"),
        schema="dataset",
    )
    op.create_index("share_links_dataset_idx", "share_links", ["dataset_id", "created_at"], schema="dataset")


def downgrade() -> None:
    for table in ("share_links", "leases", "datasets"):
        op.drop_table(table, schema="dataset")
