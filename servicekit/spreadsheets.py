"""What our CSV files must not hand to spreadsheet programs."""

# What they take for a formula when a cell begins with it; East Asian versions also its full-width forms.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
