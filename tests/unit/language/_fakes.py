import hashlib

import numpy as np


class Counting:
    """An encoder whose vectors follow from the text alone, and which counts what it is asked."""

    width = 8
    pretrained = True
    truncated = 0

    def __init__(self, name="counting", fail_after=None):
        self.id = name
        self.asked = []
        self.fail_after = fail_after

    def fit(self, texts):
        pass

    def state(self):
        return {}

    def restore(self, state):
        pass

    def encode(self, texts, *, on_progress=None):
        if self.fail_after is not None and len(self.asked) >= self.fail_after:
            raise KeyboardInterrupt
        self.asked.extend(texts)
        if on_progress:
            on_progress(len(texts), len(texts))
        return np.stack([self.vector(text) for text in texts]) if len(texts) else np.zeros((0, 8), np.float32)

    def vector(self, text):
        digest = hashlib.sha256(f"{self.id}{text}".encode("utf-8", "surrogatepass")).digest()
        return np.frombuffer(digest, np.uint8)[:8].astype(np.float32) / 7
