"""The stages of a run, one file each; workflow.py tells them as one story."""
