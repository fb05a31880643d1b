"""From the weights of a draw to weights that meet the population."""
