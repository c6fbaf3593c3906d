"""Policies round external calls: retry, breaker, deadline, fallback. They are values and wrap any protocol."""
