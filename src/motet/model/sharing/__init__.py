"""The model/sharing room."""
