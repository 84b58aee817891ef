"""Files from records."""
