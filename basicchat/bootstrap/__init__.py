"""From settings to a running assistant: plain functions, no container."""

from basicchat.bootstrap.backups import open_backups, restore_backup
from basicchat.bootstrap.embedders import embedder
from basicchat.bootstrap.opening import (
    open_assistant,
    open_for_command,
    open_models,
    shared_assistant,
    take_calls,
)
from basicchat.bootstrap.parts import fetch_essentials, missing_essentials, model_files
from basicchat.bootstrap.tools import open_toolbox

__all__ = [
    "embedder",
    "fetch_essentials",
    "missing_essentials",
    "model_files",
    "open_assistant",
    "open_backups",
    "open_for_command",
    "open_models",
    "open_toolbox",
    "restore_backup",
    "shared_assistant",
    "take_calls",
]
