"""What becomes of the data: how often they are used, counted without knowing by whom, and what others made of them."""
