"""Charts as hand-made SVG, and the maps and pictograms beside them."""
