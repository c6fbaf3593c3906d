"""Tables of documents as a database that can be asked."""
