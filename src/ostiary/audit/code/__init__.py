"""What checks of code share: who is let in, what counts as a check, what the definitions say of what is reached."""
