"""What a conversation carries into the next turn."""
