"""Model files: the catalogue and the fetching of files by digest."""

from basicchat.adapters.models.catalogue import Catalogue, CatalogueModel, best_chat, chat_plan, load_catalogue
from basicchat.adapters.models.files import FileCheck, ModelFiles

__all__ = ["Catalogue", "CatalogueModel", "FileCheck", "ModelFiles", "best_chat", "chat_plan", "load_catalogue"]
