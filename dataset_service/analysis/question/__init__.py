"""The engine that answers questions put to a frame."""
