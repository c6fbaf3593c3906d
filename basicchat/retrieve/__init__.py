"""From a question to passages: search, fuse, rerank, expand, pack."""
