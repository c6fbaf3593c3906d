"""Finding passages: two rankings at once, joined, reranked, put together and packed into a budget."""
