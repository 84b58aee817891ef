"""Data sets: find, fetch, check and read images; everything ends as one uint8 array."""

from playground.data.cache import cache_folder
from playground.data.images import DataError, ImageSet, OnProgress, ignore

__all__ = ["DataError", "ImageSet", "OnProgress", "cache_folder", "ignore"]
