"""Whether people can tell two colours apart: the contrast of WCAG, on pages and in reports."""

RGB = tuple[float, float, float]
"""A colour of sRGB, each channel from 0 to 1."""

TEXT = 4.5
"""What text needs (WCAG 2.2, 1.4.3). Larger text may have less, but sizes are not a matter of a theme."""
EDGE = 3.0
"""What an edge, a mark or the ring of the focus needs (1.4.11)."""


def contrast_ratio(one: RGB, other: RGB) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: RGB) -> float:
    """Relative luminance as WCAG 2.2 defines it, from 0 to 1."""
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
