"""Open answers: given to topics by people, and quotes that were released."""
