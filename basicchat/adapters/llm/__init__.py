"""Language models and their servers."""
