"""The tables of the library. A change here goes with a new file in ``migrations/versions`` and a new `REVISION`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

REVISION = "0002"
"""The newest migration: what a library must be at to be opened."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

documents = Table(
    "documents",
    metadata,
    Column("id", String, primary_key=True),
    Column("collection", String, nullable=False),
    Column("source", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("media_type", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("chunk_count", Integer, nullable=False),
    Column("added_at", Float, nullable=False),
    Column("external_id", Text),
    Column("stored_as", Text),
    Column("metadata", JSON, nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("indexed", Boolean(create_constraint=False), nullable=False),
    Column("tags", JSON, nullable=False, server_default="[]"),
    Index(None, "collection", "added_at"),
    Index(None, "indexed"),
)

sources = Table(
    "sources",
    metadata,
    Column("collection", String, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Index(None, "document_id"),
)

pages = Table(
    "pages",
    metadata,
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("headings", JSON, nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    Column("anchors", JSON, nullable=False, server_default="[]"),  # [start, name]
    Column("boxes", JSON, nullable=False, server_default="[]"),  # [start, end, left, top, right, bottom]
)

chunks = Table(
    "chunks",
    metadata,
    Column("id", String, primary_key=True),
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("page", Integer, nullable=False),
    Column("start_offset", Integer, nullable=False),
    Column("end_offset", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("heading", JSON, nullable=False),
    Column("place", Text, nullable=False, server_default=""),
    Column("edited", Boolean(create_constraint=False), nullable=False, server_default="0"),
    Index(None, "document_id", "ordinal"),
)

chunk_versions = Table(
    "chunk_versions",  # of chunks that were ever edited
    metadata,
    Column("chunk_id", ForeignKey("chunks.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("edited_at", Float, nullable=False),
)

tables = Table(
    "tables",
    metadata,
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("page", Integer, nullable=False),
    Column("place", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),  # columns and rows, as JSON, compressed by zlib
)

removals = Table(
    "removals",  # outlive their document
    metadata,
    Column("document_id", String, primary_key=True),
    Column("collection", String, nullable=False),
    Column("stored_as", Text),
    Column("removed_at", Float, nullable=False),
)

vectors = Table(
    "vectors",
    metadata,
    Column("embedder", String, primary_key=True),
    Column("digest", String, primary_key=True),  # sha256 of the text that was embedded
    Column("vector", LargeBinary, nullable=False),  # little-endian float32
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("collection", String, nullable=False),
    Index(None, "updated_at"),
)

turns = Table(
    "turns",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String, primary_key=True),
    Column("ordinal", Integer, nullable=False),
    Column("role", String, nullable=False),
    Column("content", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("answer", JSON),
    Column("stopped", Boolean(create_constraint=False), nullable=False),
    Index(None, "conversation_id", "ordinal"),
)

named_values = Table(
    "named_values",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", JSON, nullable=False),
)

watched_folders = Table(
    "watched_folders",
    metadata,
    Column("id", String, primary_key=True),
    Column("path", Text, nullable=False),
    Column("collection", String, nullable=False),
    Column("ignore", JSON, nullable=False),
    Column("added_at", Float, nullable=False),
    Column("synced_at", Float),
    Column("paused", Boolean(create_constraint=False), nullable=False),
)

folder_files = Table(
    "folder_files",
    metadata,
    Column("folder_id", ForeignKey("watched_folders.id", ondelete="CASCADE"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("modified_ns", BigInteger, nullable=False),
    Column("digest", String, nullable=False),
    Column("status", String, nullable=False),
    Column("error", Text),
)
