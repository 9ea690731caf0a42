"""Encoders: one file per language model, found by a short name."""

from motet.language.encoders._protocol import ENCODERS, Encoder, EncoderFactory, Progress, State

__all__ = ["ENCODERS", "Encoder", "EncoderFactory", "Progress", "State"]
