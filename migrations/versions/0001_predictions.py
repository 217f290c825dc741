"""The three schemas; stored predictions and batches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = ("prediction", "dataset", "chat")


def upgrade() -> None:
    for schema in SCHEMAS:
        op.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
    op.create_table(
        "predictions",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("input_features", JSONB, nullable=False),
        sa.Column("eclo_value", sa.Double, nullable=False),
        sa.Column("range_low", sa.Double, nullable=False),
        sa.Column("range_high", sa.Double, nullable=False),
        sa.Column("interpretation", sa.Text, nullable=False),
        sa.Column("warnings", JSONB, nullable=False),
        sa.Column("dataset_id", UUID),
        sa.Column("batch_id", UUID),
        sa.Column("batch_index", sa.Integer),
        schema="prediction",
    )
    # Each item of a batch has one prediction, even after crashes and retries.
    op.create_index(
        "predictions_batch_item_key",
        "predictions",
        ["batch_id", "batch_index"],
        unique=True,
        schema="prediction",
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    # The history lists single predictions by id, that is by time; a long batch must not slow it down.
    op.create_index(
        "predictions_single_idx",
        "predictions",
        ["id"],
        schema="prediction",
        postgresql_where=sa.text("batch_id IS NULL"),
    )
    op.create_table(
        "batches",
        sa.Column("id", UUID, primary_key=True),
        sa.Column(
            "status",
            sa.Text,
            sa.CheckConstraint("status IN ('pending', 'processing', 'completed', 'cancelled', 'failed')"),
            nullable=False,
        ),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("dataset_id", UUID),
        sa.Column("failure", sa.Text, nullable=False, server_default=""),
        sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("started_at", TIMESTAMP(timezone=True)),
        sa.Column("finished_at", TIMESTAMP(timezone=True)),
        sa.Column("touched_at", TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("0 <= failed AND failed <= done AND done <= total", name="batches_counts_check"),
        schema="prediction",
    )
    op.create_index(
        "batches_unfinished_idx",
        "batches",
        ["touched_at"],
        schema="prediction",
        postgresql_where=sa.text("status IN ('pending', 'processing')"),
    )
    op.create_table(
        "batch_items",
        sa.Column("batch_id", UUID, sa.ForeignKey("prediction.batches.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("index", sa.Integer, primary_key=True),
        sa.Column("accident", JSONB, nullable=False),
        sa.Column("error", JSONB),
        schema="prediction",
    )


def downgrade() -> None:
    for table in ("batch_items", "batches", "predictions"):
        op.drop_table(table, schema="prediction")
    for schema in SCHEMAS:
        op.execute(sa.schema.DropSchema(schema))
