"""The lease by which a batch holds the dataset whose rows it predicts.

The gateway acquires it before the batch exists, the worker renews and releases it: both under the same name.
"""

LEASE_SECONDS = 600


def lease_holder(batch_id: str) -> str:
    """Returns the name under which a batch holds its dataset."""
    return f"batch:{batch_id}"
