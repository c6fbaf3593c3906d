"""Measures finding and answering on judged questions."""
