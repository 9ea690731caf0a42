"""The language/encoders room."""
