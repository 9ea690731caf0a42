"""The recommend room."""
