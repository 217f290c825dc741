"""Tables of the schema `dataset`. migrations/ creates them; the stores use these definitions."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

metadata = sa.MetaData(schema="dataset")

datasets = sa.Table(
    "datasets",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False, comment="As the person's computer calls it; for display only."),
    sa.Column("original_file", sa.Text, nullable=False, comment="Name in the storage of the untouched upload."),
    sa.Column("table_file", sa.Text, nullable=False, comment="Name in the storage of the Parquet file."),
    sa.Column("table_hash", sa.Text, nullable=False, comment="SHA-256 of the Parquet file; empty if not known."),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("columns", sa.Integer, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("encoding", sa.Text, nullable=False),
    sa.Column("delimiter", sa.Text, nullable=False),
    sa.Column("bytes_hash", sa.Text, nullable=False, comment="SHA-256 of the untouched upload."),
    sa.Column("content_hash", sa.Text, nullable=False, comment="SHA-256 of bytes_hash and of how they were read."),
    sa.Column("profile", JSONB, nullable=False),
    sa.Column("reading", JSONB, nullable=False, comment="How the file is read: every part."),
    sa.Column("chosen", JSONB, nullable=False, comment="The parts of the reading that a person chose."),
    sa.Column("idempotency_key", sa.Text, unique=True),
    sa.Column("request_hash", sa.Text, nullable=False, comment="SHA-256 of what came with the key; else empty."),
    sa.Column("uploaded_at", TIMESTAMP(timezone=True), nullable=False),
    sa.Column("expires_at", TIMESTAMP(timezone=True), comment="Null if it is kept."),
    sa.Column("kept_at", TIMESTAMP(timezone=True), comment="When a person last kept it; null if never."),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column(
        "dataset_id", UUID(as_uuid=False), sa.ForeignKey("dataset.datasets.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("holder", sa.Text, primary_key=True),
    sa.Column("expires_at", TIMESTAMP(timezone=True), nullable=False),
)

loose_files = sa.Table(
    "loose_files",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, comment="Name of a stored file that no dataset has."),
    sa.Column(
        "expires_at",
        TIMESTAMP(timezone=True),
        nullable=False,
        comment="Until then it is being written; `-infinity` once it is to be removed.",
    ),
)

share_links = sa.Table(
    "share_links",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    sa.Column(
        "dataset_id", UUID(as_uuid=False), sa.ForeignKey("dataset.datasets.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256 of the token."),
    sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False),
    sa.Column("expires_at", TIMESTAMP(timezone=True), nullable=False),
    sa.Column("views", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", TIMESTAMP(timezone=True)),
)
