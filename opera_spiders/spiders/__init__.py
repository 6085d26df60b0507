"""The spider, its arguments, and what it makes of a response."""
