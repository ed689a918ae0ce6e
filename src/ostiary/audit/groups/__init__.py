"""What groups and users come to: ladders of an application, circles, what a group brings."""
