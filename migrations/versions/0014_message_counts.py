"""How many messages a conversation has is kept in its row, and each list of conversations has an index in its order.

Triggers keep the count, so that it stays right while an earlier version, which does not know of it, runs as well.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# A session keeps the plan of a function, perhaps one from when the table was so small that it was read as a whole.
_FUNCTION = """
CREATE OR REPLACE FUNCTION chat.count_messages() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT conversation_id, count(*) AS messages FROM changed GROUP BY conversation_id LOOP
        UPDATE chat.conversations
        SET message_count = message_count + CASE TG_OP WHEN 'INSERT' THEN one.messages ELSE -one.messages END
        WHERE id = one.conversation_id;
    END LOOP;
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE OR REPLACE TRIGGER messages_{event}_count AFTER {event} ON chat.messages
REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION chat.count_messages()
"""
# Every change of messages locks the row of their conversation first, so a locked row has all its messages.
_COUNT_STORED = """
DO $$
DECLARE
    last uuid := '00000000-0000-0000-0000-000000000000';
    ids uuid[];
BEGIN
    LOOP
        SELECT array_agg(id ORDER BY id) INTO ids FROM
            (SELECT id FROM chat.conversations WHERE id > last ORDER BY id LIMIT 200 FOR UPDATE) AS locked;
        EXIT WHEN ids IS NULL;
        UPDATE chat.conversations AS of
        SET message_count = (SELECT count(*) FROM chat.messages WHERE conversation_id = of.id)
        WHERE id = ANY(ids);
        last := ids[array_upper(ids, 1)];
        COMMIT;
    END LOOP;
END $$
"""


def upgrade() -> None:
    count = sa.Column("message_count", sa.Integer, nullable=False, server_default="0")
    op.add_column("conversations", count, schema="chat", if_not_exists=True)
    op.execute(_FUNCTION)
    for event, rows in (("INSERT", "NEW"), ("DELETE", "OLD")):
        op.execute(_TRIGGER.format(event=event, rows=rows))
    with op.get_context().autocommit_block():
        op.execute(_COUNT_STORED)
        for name in ("conversations_client_dataset_idx", "messages_pending_conversation_idx"):
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS chat.{name}")  # of a migration that broke off
        # The other way round than the index of one dataset, which is therefore never taken for one browser in it.
        op.create_index(
            "conversations_client_dataset_idx",
            "conversations",
            ["client_id", *(sa.text(f"{column} DESC") for column in ("dataset_id", "updated_at", "id"))],
            schema="chat",
            postgresql_concurrently=True,
        )
        op.create_index(
            "messages_pending_conversation_idx",
            "messages",
            ["conversation_id"],
            schema="chat",
            postgresql_where=sa.text("status = 'pending'"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("messages_pending_conversation_idx", "messages", schema="chat")
    op.drop_index("conversations_client_dataset_idx", "conversations", schema="chat")
    for event in ("INSERT", "DELETE"):
        op.execute(f"DROP TRIGGER messages_{event}_count ON chat.messages")
    op.execute("DROP FUNCTION chat.count_messages")
    op.drop_column("conversations", "message_count", schema="chat")
