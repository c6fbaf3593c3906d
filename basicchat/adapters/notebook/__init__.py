"""Notebooks of deep research."""
