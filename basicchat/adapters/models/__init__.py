"""Model files: the catalogue and the fetching of files by digest."""
