"""Checks the numbers of an answer."""
