"""The model/heads room."""
