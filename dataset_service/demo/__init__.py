"""The example dataset of a new installation."""
