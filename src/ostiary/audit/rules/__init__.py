"""What record rules come to: what they compare, whom they bind, what undoes them, and companies."""
