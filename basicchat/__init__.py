"""BasicChat: a private assistant for your documents."""
