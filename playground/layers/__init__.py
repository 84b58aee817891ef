"""Nets as data (`blueprint`, without torch), and the modules they become (`build`)."""
