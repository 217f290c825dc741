"""Conversations and their messages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("dataset_id", UUID, nullable=False),
        sa.Column("dataset_name", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("updated_at", TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        schema="chat",
    )
    latest = [sa.text("updated_at DESC"), sa.text("id DESC")]
    op.create_index("conversations_latest_idx", "conversations", latest, schema="chat")
    op.create_index("conversations_client_idx", "conversations", ["client_id", *latest], schema="chat")
    op.create_index("conversations_dataset_idx", "conversations", ["dataset_id", *latest], schema="chat")
    op.create_table(
        "messages",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("conversation_id", UUID, sa.ForeignKey("chat.conversations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("role", sa.Text, sa.CheckConstraint("role IN ('user', 'assistant')"), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column(
            "status",
            sa.Text,
            sa.CheckConstraint("status IN ('pending', 'complete', 'stopped', 'failed')"),
            nullable=False,
        ),
        sa.Column("failure_reason", sa.Text, nullable=False, server_default=""),
        sa.Column("tool_calls", JSONB, nullable=False, server_default="[]"),
        sa.Column("token_usage", JSONB),
        sa.Column("cost_usd", sa.Double),
        sa.Column("cache_hit", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("model", sa.Text, nullable=False, server_default=""),
        sa.Column("duration_ms", sa.Double, nullable=False, server_default="0"),
        sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("pending_since", TIMESTAMP(timezone=True)),
        # A turn is one question and at most one answer, kept together whatever is asked meanwhile.
        sa.UniqueConstraint("conversation_id", "turn", "role", name="messages_turn_key"),
        sa.CheckConstraint("(status = 'pending') = (pending_since IS NOT NULL)", name="messages_pending_check"),
        schema="chat",
    )
    op.create_index(
        "messages_pending_idx",
        "messages",
        ["pending_since"],
        schema="chat",
        postgresql_where=sa.text("status = 'pending'"),
    )


def downgrade() -> None:
    for table in ("messages", "conversations"):
        op.drop_table(table, schema="chat")
