"""Noticing that something happens in folders."""
