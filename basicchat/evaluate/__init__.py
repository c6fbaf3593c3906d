"""Measuring the program on real data."""
