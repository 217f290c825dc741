"""An index for each list of predictions and batches; idempotency keys of batches, null for those of before.

The index of single predictions begins with the column that is null in all of them, so that it alone has their order.
That of unfinished batches no longer holds when they made progress: progress is stored without touching an index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SINGLE = sa.text("batch_id IS NULL")
_SINGLE_OF_DATASET = sa.text("batch_id IS NULL AND dataset_id IS NOT NULL")
_UNFINISHED = sa.text("status IN ('pending', 'processing')")


def _index_predictions(name: str, columns: list[str], where: sa.TextClause) -> None:
    """Creates an index while predictions are stored, in the place of one that an interrupted migration left."""
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS prediction.{name}")
    op.create_index(
        name, "predictions", columns, schema="prediction", postgresql_where=where, postgresql_concurrently=True
    )


def upgrade() -> None:
    with op.get_context().autocommit_block():
        _index_predictions("predictions_history_idx", ["batch_id", "id"], _SINGLE)
        _index_predictions("predictions_dataset_idx", ["dataset_id", "id"], _SINGLE_OF_DATASET)
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS prediction.predictions_single_idx")
    op.create_index("batches_created_idx", "batches", ["created_at", "id"], schema="prediction")
    op.create_index("batches_dataset_idx", "batches", ["dataset_id", "created_at", "id"], schema="prediction")
    op.drop_index("batches_unfinished_idx", schema="prediction")
    op.create_index("batches_unfinished_idx", "batches", ["id"], schema="prediction", postgresql_where=_UNFINISHED)
    op.add_column("batches", sa.Column("idempotency_key", sa.Text, unique=True), schema="prediction")
    op.add_column("batches", sa.Column("request_hash", sa.Text), schema="prediction")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _index_predictions("predictions_single_idx", ["id"], _SINGLE)
        for name in ("predictions_dataset_idx", "predictions_history_idx"):
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS prediction.{name}")
    for column in ("request_hash", "idempotency_key"):
        op.drop_column("batches", column, schema="prediction")
    for name in ("batches_unfinished_idx", "batches_dataset_idx", "batches_created_idx"):
        op.drop_index(name, schema="prediction")
    op.create_index(
        "batches_unfinished_idx", "batches", ["touched_at"], schema="prediction", postgresql_where=_UNFINISHED
    )
