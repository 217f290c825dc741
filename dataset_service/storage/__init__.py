"""Stored datasets: files, rows, and all that happens to them."""
