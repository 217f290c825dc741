"""Reorders the columns of a model in LightGBM's text format."""

import re
from collections.abc import Sequence

import lightgbm


def with_columns(text: str, order: Sequence[int], names: Sequence[str]) -> str:
    """Returns the model with its columns reordered: column `order[i]` becomes column i, called `names[i]`."""
    place = {str(old): str(new) for new, old in enumerate(order)}
    lines = []
    for line in text.split("\n\nfeature_importances:")[0].split("\n"):
        key, equals, value = line.partition("=")
        parts = value.split(" ")
        if key == "feature_names":
            parts = list(names)
        elif key in ("feature_infos", "monotone_constraints") and len(parts) == len(order):
            parts = [parts[old] for old in order]
        elif key == "split_feature" and value:
            parts = [place[part] for part in parts]
        elif key == "tree_sizes":
            continue  # outdated sizes of the trees; LightGBM computes them if the line is missing
        lines.append(key + equals + " ".join(parts))
    parameters = re.search(r"\nparameters:.*", text, re.DOTALL)
    return str(lightgbm.Booster(model_str="\n".join(lines) + (parameters[0] if parameters else "")).model_to_string())
