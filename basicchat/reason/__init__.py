"""From passages to an answer: modes, citations, abstention."""
