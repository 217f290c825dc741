"""Tables of the schema `chat`. migrations/ creates them; the stores use these definitions."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

metadata = sa.MetaData(schema="chat")

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    sa.Column("dataset_id", UUID(as_uuid=False), nullable=False, comment="In another schema; it may have gone."),
    sa.Column("dataset_name", sa.Text, nullable=False, comment="What the dataset was called when it began."),
    sa.Column("client_id", sa.Text, nullable=False, comment="Anonymous id of the browser; may be empty."),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False, comment="Grows with every change."),
    sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False),
    sa.Column("updated_at", TIMESTAMP(timezone=True), nullable=False),
    sa.Column("message_count", sa.Integer, nullable=False, comment="Kept by triggers of the messages."),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    sa.Column(
        "conversation_id",
        UUID(as_uuid=False),
        sa.ForeignKey("chat.conversations.id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("turn", sa.Integer, nullable=False, comment="A question and its answer have the same."),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("failure_reason", sa.Text, nullable=False),
    sa.Column("tool_calls", JSONB, nullable=False, comment="As tool_call_json.py writes them."),
    sa.Column("token_usage", JSONB(none_as_null=True)),
    sa.Column("cost_usd", sa.Double),
    sa.Column("cache_hit", sa.Boolean, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("duration_ms", sa.Double, nullable=False),
    sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False),
    sa.Column("turns_left_out", sa.Integer, nullable=False, comment="Earlier questions the model was not sent."),
    sa.Column("number_check", JSONB(none_as_null=True), comment="How the numbers of an answer were checked."),
    sa.Column("pending_since", TIMESTAMP(timezone=True), comment="When the answer under way was begun."),
)

turn_leases = sa.Table(
    "turn_leases",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True, comment="Of one attempt: who has it may store its end."),
    sa.Column("question_id", UUID(as_uuid=False), nullable=False, unique=True),
    sa.Column("leased_until", TIMESTAMP(timezone=True), nullable=False),
    sa.Column("is_stop_requested", sa.Boolean, nullable=False),
)
