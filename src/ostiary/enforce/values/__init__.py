"""Values: those that are given, those that lines and links are made of, and those that follow from others."""
