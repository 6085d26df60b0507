"""From a page to checked facts, without a crawl and without a database."""
