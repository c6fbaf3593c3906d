"""The entry of a background worker process."""
