"""One process owns the library; others hand their calls to it over a local authenticated endpoint."""
