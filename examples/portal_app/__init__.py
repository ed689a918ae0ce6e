"""A customer portal whose every query goes through a session that ostiary made the customer's."""
