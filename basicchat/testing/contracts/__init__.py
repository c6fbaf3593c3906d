"""One contract suite a seam: subclass it, override its fixture, and pytest runs it."""
