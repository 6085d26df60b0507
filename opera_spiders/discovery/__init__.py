"""Which pages of a company are worth a request, and in which order."""
