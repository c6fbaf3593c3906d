"""stub"""

from __future__ import annotations

from typing import Any

from basicchat.core.types import Table


def tables_of(textpage: Any, raw: str, *, page: int) -> list[Table]:
    return []
