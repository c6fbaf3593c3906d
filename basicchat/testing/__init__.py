"""Shipped fakes and the contract suites that every adapter passes."""
