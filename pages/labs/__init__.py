"""What the labs show beyond what follows from their declarations; see `pages.ui.lab`."""
