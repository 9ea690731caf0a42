"""The model/trunk room."""
