"""What fields, views and SQL views show of what is protected elsewhere."""
