"""The train/listeners room."""
