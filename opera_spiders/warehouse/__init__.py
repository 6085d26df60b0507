"""The database: its tables, its history, its server, and every SQL statement of the crawl."""
