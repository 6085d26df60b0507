"""What one crawl shares: database, extractor, ledger, feed, log lines, progress."""
