"""What several checks ask of a policy: who is reached, what limits them, what is proved, and how it is said."""
