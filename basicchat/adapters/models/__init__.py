"""Model files: the catalogue and the fetching of files by digest."""

from basicchat.adapters.models.catalogue import Catalogue, CatalogueModel, best_chat, chat_plan, load_catalogue
from basicchat.adapters.models.files import ModelFiles
from basicchat.adapters.models.folder import ChatFiles, FileCheck
from basicchat.adapters.models.hosts import hosts_of

__all__ = [
    "Catalogue",
    "CatalogueModel",
    "ChatFiles",
    "FileCheck",
    "ModelFiles",
    "best_chat",
    "chat_plan",
    "hosts_of",
    "load_catalogue",
]
