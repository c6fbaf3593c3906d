"""The only home of third-party clients, one folder a protocol."""
