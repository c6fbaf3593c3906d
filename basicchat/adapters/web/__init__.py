"""The one guarded way to the network."""
