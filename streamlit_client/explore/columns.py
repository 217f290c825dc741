"""Charts of single columns or pairs of columns."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.charts.categories import as_categories, count_bars, has_order
from streamlit_client.charts.column_charts import MOST_SCATTER_POINTS, box, density, histogram, scatter
from streamlit_client.explore.dataset_frame import load_frame
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.column_roles import is_number, is_place
from streamlit_client.parts.table_columns import table_columns


def show_columns(profile: Profile) -> None:
    """Draws the choice of a chart and its columns, the chart, and a summary of all number columns."""
    numbers = [column.name for column in sorted(profile.columns_info, key=is_place) if is_number(column)]
    labels = [column.name for column in profile.columns_info if column.type in ("text", "boolean") or has_order(column)]
    kinds = [texts_explore.HISTOGRAM, texts_explore.BOX, texts_explore.KDE] if numbers else []
    kinds += [texts_explore.BARS] if labels else []
    kinds += [texts_explore.SCATTER] if len(numbers) > 1 else []
    if not kinds:
        st.caption(texts_explore.NOT_ENOUGH)
        return
    key = profile.dataset_id
    kind = st.segmented_control(texts_explore.KIND, kinds, default=kinds[0], key=f"columns.kind.{key}") or kinds[0]
    if kind == texts_explore.SCATTER:
        _show_scatter(profile, numbers, labels)
    elif kind == texts_explore.BARS:
        _show_one(profile, kind, labels, [])
    else:
        _show_one(profile, kind, numbers, labels if kind == texts_explore.BOX else [])
    if numbers:
        _show_summary(profile, numbers)


def _show_one(profile: Profile, kind: str, columns: list[str], groups: list[str]) -> None:
    choices = st.grid(2, min_column_width=240)
    column = choices.selectbox(texts_explore.COLUMN, columns, key=f"columns.one.{kind}.{profile.dataset_id}")
    group = None
    if groups:
        group = _choose_colour(choices, groups, f"columns.group.{profile.dataset_id}")
    wanted = [column] if group is None else [column, group]
    frame = load_frame(profile, "columns", wanted)
    if frame is None:
        return
    values, known = frame[column], profile.column(column)
    figure = None
    if values.notna().any():
        match kind:
            case texts_explore.HISTOGRAM:
                figure = histogram(values, known)
            case texts_explore.BOX:
                boxes = None if group is None else as_categories(frame[group], profile.column(group))
                figure = box(values, boxes, known)
            case texts_explore.KDE:
                figure = density(values, known)
            case texts_explore.BARS:
                figure = count_bars(values, known)
    if figure is None:
        st.caption(texts_explore.NOT_ENOUGH)
        return
    show_chart(figure, key=f"columns.chart.{profile.dataset_id}", alt=f"{kind}: {column}")
    missing = int(values.isna().sum())
    sentence = texts_explore.RESTS_ON_MISSING if missing else texts_explore.RESTS_ON
    st.caption(sentence.format(used=len(values) - missing, missing=missing))


def _show_scatter(profile: Profile, numbers: list[str], labels: list[str]) -> None:
    key = profile.dataset_id
    choices = st.grid(3, min_column_width=200)
    x = choices.selectbox(texts_explore.X_COLUMN, numbers, key=f"scatter.x.{key}")
    y = choices.selectbox(texts_explore.Y_COLUMN, [name for name in numbers if name != x], key=f"scatter.y.{key}")
    colour = _choose_colour(choices, labels, f"scatter.colour.{key}")
    wanted = [name for name in (x, y, colour) if name is not None]
    frame = load_frame(profile, "columns", wanted)
    if frame is None:
        return
    known = frame.dropna(subset=[x, y])
    if known.empty:
        st.caption(texts_explore.NOT_ENOUGH)
        return
    shown = known.sample(MOST_SCATTER_POINTS, random_state=0) if len(known) > MOST_SCATTER_POINTS else known
    if colour is not None:
        shown = shown.assign(**{colour: as_categories(shown[colour], profile.column(colour))})
    figure = scatter(shown, profile.column(x), profile.column(y), colour)
    show_chart(figure, key=f"columns.scatter.{key}", alt=f"{texts_explore.SCATTER}: {x}, {y}")
    st.caption(
        texts_explore.SAMPLED.format(shown=len(shown))
        if len(shown) < len(known)
        else texts_explore.RESTS_ON.format(used=len(known))
    )


def _choose_colour(place: DeltaGenerator, labels: list[str], key: str) -> str | None:
    no_colour = texts_explore.NO_COLOUR
    return place.selectbox(
        texts_explore.COLOUR_COLUMN, [None, *labels], format_func=lambda name: name or no_colour, key=key
    )


def _show_summary(profile: Profile, numbers: list[str]) -> None:
    with st.expander(texts_explore.DESCRIBE_HEADING):
        frame = load_frame(profile, "summary", numbers)
        if frame is not None:
            summary = frame.describe().T.rename(columns=dict(texts_explore.DESCRIBE))
            summary.index = pd.Index([profile.column(name).title for name in numbers], name=texts_explore.COLUMN)
            table = summary.reset_index()
            st.dataframe(table, hide_index=True, column_config=table_columns(table))
