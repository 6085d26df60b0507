"""The registry of companies and the vocabularies, one CSV file each."""
