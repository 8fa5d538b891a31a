"""The hidden checks, one module a topic: imported by the hidden-test regions of the notebooks."""
