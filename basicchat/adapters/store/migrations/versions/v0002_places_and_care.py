"""Places of pages and chunks, tags, tables, edited chunks, removals, watched folders. Rows of 0001 stay as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns with a default, so that nothing is copied, then the new tables."""
    op.add_column("documents", sa.Column("tags", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("pages", sa.Column("label", sa.Text, nullable=False, server_default=""))
    op.add_column("pages", sa.Column("anchors", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("pages", sa.Column("boxes", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("chunks", sa.Column("place", sa.Text, nullable=False, server_default=""))
    op.add_column("chunks", sa.Column("edited", sa.Boolean, nullable=False, server_default="0"))
    _parts_of_documents()
    _removals()
    _watched_folders()


def _parts_of_documents() -> None:
    op.create_table(
        "chunk_versions",
        sa.Column("chunk_id", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("edited_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("chunk_id", "version", name="pk_chunk_versions"),
        _owned_by("chunks", "chunk_id", "fk_chunk_versions_chunk_id"),
    )
    op.create_table(
        "tables",
        sa.Column("document_id", sa.String, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("document_id", "ordinal", name="pk_tables"),
        _owned_by("documents", "document_id", "fk_tables_document_id"),
    )


def _removals() -> None:
    op.create_table(
        "removals",
        sa.Column("document_id", sa.String, nullable=False),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("stored_as", sa.Text),
        sa.Column("removed_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_removals"),
    )


def _watched_folders() -> None:
    op.create_table(
        "watched_folders",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("ignore", sa.JSON, nullable=False),
        sa.Column("added_at", sa.Float, nullable=False),
        sa.Column("synced_at", sa.Float),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watched_folders"),
    )
    op.create_table(
        "folder_files",
        sa.Column("folder_id", sa.String, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("modified_ns", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("folder_id", "path", name="pk_folder_files"),
        _owned_by("watched_folders", "folder_id", "fk_folder_files_folder_id"),
    )


def _owned_by(table: str, column: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], ondelete="CASCADE", name=name)
