"""Several services and engines on one PostgreSQL, their customers and agents, and everything that can go wrong between them."""
