"""What is measured rather than tested: each folder is one question, asked by ``python -m benchmarks.<folder>``."""
