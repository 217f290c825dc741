"""The expected ECLO of a prediction; null for older predictions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("predictions", sa.Column("expected_value", sa.Double), schema="prediction")


def downgrade() -> None:
    op.drop_column("predictions", "expected_value", schema="prediction")
