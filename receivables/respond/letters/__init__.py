"""Letters: what a letter holds, its words, and its shape as e-mail, Word file, PDF and print."""
