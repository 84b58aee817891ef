"""What can be chosen: a file or folder per kind, a class per choice; the order is that of the menus."""
