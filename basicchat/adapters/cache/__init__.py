"""Where what can be made again is kept for a while."""
