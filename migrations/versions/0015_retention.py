"""What retention needs: the order in which batches and datasets become old, and batches that are deleted in steps.

An item loses the reference to its batch, which would delete 20,000 items in one statement.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEPT_SINCE = sa.text("coalesce(kept_at, uploaded_at)")


def upgrade() -> None:
    op.create_table(
        "forgotten_batches",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False, server_default="0"),
        schema="prediction",
    )
    op.drop_constraint("batch_items_batch_id_fkey", "batch_items", schema="prediction")
    op.add_column("datasets", sa.Column("kept_at", TIMESTAMP(timezone=True)), schema="dataset")
    with op.get_context().autocommit_block():
        for name in ("prediction.batches_finished_idx", "dataset.datasets_old_idx"):
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of a migration that broke off
        op.create_index(
            "batches_finished_idx",
            "batches",
            ["finished_at"],
            schema="prediction",
            postgresql_where=sa.text("finished_at IS NOT NULL"),
            postgresql_concurrently=True,
        )
        op.create_index(
            "datasets_old_idx",
            "datasets",
            [_KEPT_SINCE, "id"],
            schema="dataset",
            postgresql_where=sa.text("expires_at IS NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("datasets_old_idx", schema="dataset", table_name="datasets")
    op.drop_index("batches_finished_idx", schema="prediction", table_name="batches")
    op.drop_column("datasets", "kept_at", schema="dataset")
    op.execute("DELETE FROM prediction.batch_items WHERE batch_id NOT IN (SELECT id FROM prediction.batches)")
    op.create_foreign_key(
        "batch_items_batch_id_fkey",
        "batch_items",
        "batches",
        ["batch_id"],
        ["id"],
        source_schema="prediction",
        referent_schema="prediction",
        ondelete="CASCADE",
    )
    op.drop_table("forgotten_batches", schema="prediction")
