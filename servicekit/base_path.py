"""The path under which a proxy offers the page and the gateway."""

from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

BasePath = Annotated[
    str, StringConstraints(pattern=r"^(/[A-Za-z0-9._~-]+)*$"), BeforeValidator(lambda path: path.rstrip("/"))
]
"""A base path; a trailing slash is ignored."""
