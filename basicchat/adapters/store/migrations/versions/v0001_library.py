"""The first tables: documents with their pages, chunks and vectors; conversations; named values."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _documents()
    _parts_of_documents()
    _vectors()
    _conversations()
    _named_values()


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("page_count", sa.Integer, nullable=False),
        sa.Column("chunk_count", sa.Integer, nullable=False),
        sa.Column("added_at", sa.Float, nullable=False),
        sa.Column("external_id", sa.Text),
        sa.Column("stored_as", sa.Text),
        sa.Column("metadata", sa.JSON, nullable=False),
        sa.Column("warnings", sa.JSON, nullable=False),
        sa.Column("indexed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
    )
    op.create_index("ix_documents_collection_added_at", "documents", ["collection", "added_at"])
    op.create_index("ix_documents_indexed", "documents", ["indexed"])


def _parts_of_documents() -> None:
    op.create_table(
        "sources",
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("document_id", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("collection", "source", "ordinal", name="pk_sources"),
        _owned_by("documents", "document_id", "fk_sources_document_id"),
    )
    op.create_index("ix_sources_document_id", "sources", ["document_id"])
    op.create_table(
        "pages",
        sa.Column("document_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("headings", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("document_id", "number", name="pk_pages"),
        _owned_by("documents", "document_id", "fk_pages_document_id"),
    )
    op.create_table(
        "chunks",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("document_id", sa.String, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("start_offset", sa.Integer, nullable=False),
        sa.Column("end_offset", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("heading", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chunks"),
        _owned_by("documents", "document_id", "fk_chunks_document_id"),
    )
    op.create_index("ix_chunks_document_id_ordinal", "chunks", ["document_id", "ordinal"])


def _vectors() -> None:
    op.create_table(
        "vectors",
        sa.Column("embedder", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("embedder", "digest", name="pk_vectors"),
    )


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
        sa.Column("collection", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_updated_at", "conversations", ["updated_at"])
    op.create_table(
        "turns",
        sa.Column("conversation_id", sa.String, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("answer", sa.JSON),
        sa.Column("stopped", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "id", name="pk_turns"),
        _owned_by("conversations", "conversation_id", "fk_turns_conversation_id"),
    )
    op.create_index("ix_turns_conversation_id_ordinal", "turns", ["conversation_id", "ordinal"])


def _named_values() -> None:
    op.create_table(
        "named_values",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_named_values"),
    )


def _owned_by(table: str, column: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], ondelete="CASCADE", name=name)
