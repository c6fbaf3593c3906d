"""The embedded model server: Ollama's API over llama.cpp in a process of its own, and the adapter that minds it."""

from basicchat.adapters.llm.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer"]
