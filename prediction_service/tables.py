"""Tables of the schema `prediction`. migrations/ creates them; the stores use these definitions.

A column of an `Estimate` has its field's name as key: the statements of the stores follow from that.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

metadata = sa.MetaData(schema="prediction")

predictions = sa.Table(
    "predictions",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("input_features", JSONB, key="accident", nullable=False),
    sa.Column("eclo_value", sa.Double, key="eclo", nullable=False),
    sa.Column("expected_value", sa.Double, key="expected", comment="Null where it was answered without one."),
    sa.Column("range_low", sa.Double, key="low", nullable=False),
    sa.Column("range_high", sa.Double, key="high", nullable=False),
    sa.Column("interpretation", sa.Text, nullable=False),
    sa.Column("warnings", JSONB, nullable=False),
    sa.Column("dataset_id", UUID(as_uuid=False)),
    sa.Column("batch_id", UUID(as_uuid=False)),
    sa.Column("batch_index", sa.Integer),
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column(
        "done", sa.Integer, nullable=False, comment="Items with a result or an error; the index of the next one."
    ),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, comment="Tries begun at the slice that starts at `done`."),
    sa.Column("dataset_id", UUID(as_uuid=False)),
    sa.Column("columns", JSONB, comment="Of the rows of a dataset; null if the accidents are in batch_items."),
    sa.Column("content_hash", sa.Text, comment="Of the dataset when the batch was created."),
    sa.Column("failure", sa.Text, nullable=False),
    sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False),
    sa.Column("started_at", TIMESTAMP(timezone=True)),
    sa.Column("finished_at", TIMESTAMP(timezone=True)),
    sa.Column(
        "touched_at", TIMESTAMP(timezone=True), nullable=False, comment="Last hand-over to a worker or progress."
    ),
    sa.Column("idempotency_key", sa.Text, unique=True),
    sa.Column("request_hash", sa.Text, comment="SHA-256 of the request with the key."),
)

batch_items = sa.Table(
    "batch_items",
    metadata,
    sa.Column("batch_id", UUID(as_uuid=False), primary_key=True),
    sa.Column("index", sa.Integer, primary_key=True),
    sa.Column("accident", JSONB, nullable=False),
    sa.Column("error", JSONB),
    comment="All items of a batch of accidents; of the rows of a dataset those with an error.",
)

forgotten_batches = sa.Table(
    "forgotten_batches",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False, comment="Predictions and items below this index are deleted."),
    comment="Batches that are gone, some of whose predictions and items are still to be deleted.",
)
