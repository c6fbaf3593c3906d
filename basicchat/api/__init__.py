"""The local HTTP interface: a command hands its call to the process that owns the library."""
