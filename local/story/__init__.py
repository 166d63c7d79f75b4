"""The story that ``make run`` tells: what the product does, done over HTTP and checked at each step."""
