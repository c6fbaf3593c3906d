"""Speed and quality on real data. Each module is a command that prints a table: ``python -m benchmarks.ingest``."""
