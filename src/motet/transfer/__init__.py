"""The transfer room."""
