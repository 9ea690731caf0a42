"""The evaluate/metrics room."""
