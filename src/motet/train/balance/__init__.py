"""The train/balance room."""
