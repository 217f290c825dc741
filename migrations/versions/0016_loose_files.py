"""Files that no dataset has are rows too, so that any replica may remove what a crash left behind."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "loose_files",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("expires_at", TIMESTAMP(timezone=True), nullable=False),
        schema="dataset",
    )
    op.create_index("loose_files_expires_at_idx", "loose_files", ["expires_at"], schema="dataset")
    op.create_index("leases_expires_at_idx", "leases", ["expires_at"], schema="dataset")
    op.create_index("datasets_original_file_idx", "datasets", ["original_file"], schema="dataset")
    op.create_index("datasets_table_file_idx", "datasets", ["table_file"], schema="dataset")
    op.create_index(
        "datasets_expires_at_idx",
        "datasets",
        ["expires_at"],
        schema="dataset",
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )


def downgrade() -> None:
    for table, column in (
        ("datasets", "expires_at"),
        ("datasets", "table_file"),
        ("datasets", "original_file"),
        ("leases", "expires_at"),
    ):
        op.drop_index(f"{table}_{column}_idx", schema="dataset")
    op.drop_table("loose_files", schema="dataset")
