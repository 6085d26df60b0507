"""What happens to a page: one station for each file, in the order of ``settings.py``."""
