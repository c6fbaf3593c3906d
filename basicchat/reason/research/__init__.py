"""Deep research: a plan, searches, whole sections read, checked paragraphs, and a cited report."""
