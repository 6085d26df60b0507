"""How fast is the whole chain beside a crawl that does nothing with its pages? ``python -m benchmarks.throughput``."""
