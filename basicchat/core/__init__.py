"""The vocabulary of the program. Standard library only."""
