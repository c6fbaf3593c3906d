"""What an evaluation found, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass

from basicchat.core.types import Json


@dataclass(frozen=True)
class RetrievalReport:
    """Means over the queries; times in milliseconds, those of a query by nearest rank."""

    ndcg_10: float
    recall_10: float
    recall_100: float
    mrr_10: float
    documents: int
    queries: int
    documents_per_second: float
    query_ms_p50: float
    query_ms_p95: float

    def as_json(self) -> dict[str, Json]:
        """The report under the names that the command line promises."""
        return {
            "ndcg@10": round(self.ndcg_10, 4),
            "recall@10": round(self.recall_10, 4),
            "recall@100": round(self.recall_100, 4),
            "mrr@10": round(self.mrr_10, 4),
            "documents": self.documents,
            "queries": self.queries,
            "documents_per_second": round(self.documents_per_second, 1),
            "query_ms_p50": round(self.query_ms_p50, 1),
            "query_ms_p95": round(self.query_ms_p95, 1),
        }

    def table(self) -> str:
        """The report as lines of name and figure."""
        return "\n".join(f"{name:<22}{figure}" for name, figure in self.as_json().items())
