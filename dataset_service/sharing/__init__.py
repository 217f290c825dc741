"""Share links of datasets."""
