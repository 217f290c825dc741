"""The regions of Korea: names, codes, and what texts of public data say about them."""
