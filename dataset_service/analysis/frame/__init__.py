"""What a table is to the analyses: columns with codes, kinds and readings."""
