"""From files to passages: load, cut, embed, index."""
