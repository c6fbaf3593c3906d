"""From a turn of a conversation to texts that can be searched with: stand-alone questions, parts, further words."""
