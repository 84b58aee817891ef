"""Trains networks: augmentation, steps, probes and the loop."""
