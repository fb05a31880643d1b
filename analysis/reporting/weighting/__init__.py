"""From the weights of a draw to those of the plan, with an account of every step."""
