"""What finds, checks and runs tools. A tool file imports from here and from nowhere else in the program."""

from basicchat.core.errors import (
    DependencyMissing,
    FetchFailed,
    InvalidInput,
    NotFound,
    ToolDenied,
    UnreadableDocument,
)
from basicchat.core.tools import (
    Chart,
    Limits,
    Picture,
    Rows,
    Source,
    Sources,
    Text,
    ToolInfo,
    Toolkit,
    ToolResult,
)
from basicchat.core.types import Document
from basicchat.toolbox.box import Toolbox, ToolStatus
from basicchat.toolbox.chart import chart_of, is_chart
from basicchat.toolbox.function import FunctionTool, tool
from basicchat.toolbox.permission import Ask, Grant, Permissions, Request, Standing
from basicchat.toolbox.ran import in_sandbox
from basicchat.toolbox.registry import Broken, Found, Registry, Shelf, builtin_folder
from basicchat.toolbox.result import Budget, document_of, text_of

__all__ = [
    "Ask",
    "Broken",
    "Budget",
    "Chart",
    "DependencyMissing",
    "Document",
    "FetchFailed",
    "Found",
    "FunctionTool",
    "Grant",
    "InvalidInput",
    "Limits",
    "NotFound",
    "Permissions",
    "Picture",
    "Registry",
    "Request",
    "Rows",
    "Shelf",
    "Source",
    "Sources",
    "Standing",
    "Text",
    "ToolDenied",
    "ToolInfo",
    "ToolResult",
    "ToolStatus",
    "Toolbox",
    "Toolkit",
    "UnreadableDocument",
    "builtin_folder",
    "chart_of",
    "document_of",
    "in_sandbox",
    "is_chart",
    "text_of",
    "tool",
]
