"""From the bytes of a CSV file to typed columns, their profile and their Parquet file."""
