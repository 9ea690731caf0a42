"""Motet: a multi-task recommender built on language models, with a certificate."""

__version__ = "0.1.0"
