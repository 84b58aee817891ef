"""Where trainings happen: stored by key, outside the server's process, watched by anybody at any time."""
