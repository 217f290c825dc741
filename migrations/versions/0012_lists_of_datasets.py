"""Indexes whose order is that of the lists of datasets and of share links, and of the links that can be opened."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "datasets_kept_idx",
        "datasets",
        ["uploaded_at", "id"],
        schema="dataset",
        postgresql_where=sa.text("expires_at IS NULL"),
    )
    op.create_index("share_links_newest_idx", "share_links", ["dataset_id", "created_at", "id"], schema="dataset")
    op.create_index(
        "share_links_live_idx",
        "share_links",
        ["dataset_id", "expires_at"],
        schema="dataset",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_index("datasets_newest_idx", "datasets", schema="dataset")
    op.drop_index("share_links_dataset_idx", "share_links", schema="dataset")


def downgrade() -> None:
    newest = [sa.text("uploaded_at DESC"), sa.text("id DESC")]
    op.create_index("datasets_newest_idx", "datasets", newest, schema="dataset")
    op.create_index("share_links_dataset_idx", "share_links", ["dataset_id", "created_at"], schema="dataset")
    for name, table in (
        ("share_links_live_idx", "share_links"),
        ("share_links_newest_idx", "share_links"),
        ("datasets_kept_idx", "datasets"),
    ):
        op.drop_index(name, table, schema="dataset")
