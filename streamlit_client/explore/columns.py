"""Charts of single columns or pairs of columns."""

import streamlit as st

from streamlit_client import texts_explore as words
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.charts.column_charts import MOST_SCATTER_POINTS, box, density, histogram, label_bars, scatter
from streamlit_client.explore.dataset_frame import load_frame
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.table_columns import number_columns


def show_columns(profile: Profile) -> None:
    """Draws the choice of a chart and its columns, the chart, and a summary of all number columns."""
    numbers = profile.names("integer", "number")
    labels = profile.names("text", "boolean")
    kinds = [words.HISTOGRAM, words.BOX, words.KDE] if numbers else []
    kinds += [words.BARS] if labels else []
    kinds += [words.SCATTER] if len(numbers) > 1 else []
    if not kinds:
        st.caption(words.NOT_ENOUGH)
        return
    key = profile.dataset_id
    kind = st.segmented_control(words.KIND, kinds, default=kinds[0], key=f"columns.kind.{key}") or kinds[0]
    if kind == words.SCATTER:
        _show_scatter(profile, numbers, labels)
    elif kind == words.BARS:
        _show_one(profile, kind, labels, [])
    else:
        _show_one(profile, kind, numbers, labels if kind == words.BOX else [])
    if numbers:
        _show_summary(profile, numbers)


def _show_one(profile: Profile, kind: str, columns: list[str], groups: list[str]) -> None:
    choices = st.grid(2, min_column_width=240)
    column = choices.selectbox(words.COLUMN, columns, key=f"columns.one.{kind}.{profile.dataset_id}")
    group = None
    if groups:
        group = choices.selectbox(
            words.COLOUR_COLUMN,
            [None, *groups],
            format_func=lambda name: words.NO_COLOUR if name is None else name,
            key=f"columns.group.{profile.dataset_id}",
        )
    wanted = [column] if group is None else [column, group]
    frame = load_frame(profile, "columns", wanted)
    if frame is None:
        return
    values = frame[column]
    figure = None
    if values.notna().any():
        match kind:
            case words.HISTOGRAM:
                figure = histogram(values)
            case words.BOX:
                figure = box(values, None if group is None else frame[group])
            case words.KDE:
                figure = density(values)
            case words.BARS:
                figure = label_bars(values)
    if figure is None:
        st.caption(words.NOT_ENOUGH)
        return
    show_chart(figure, key=f"columns.chart.{profile.dataset_id}", alt=f"{kind}: {column}")
    missing = int(values.isna().sum())
    sentence = words.RESTS_ON_MISSING if missing else words.RESTS_ON
    st.caption(sentence.format(used=len(values) - missing, missing=missing))


def _show_scatter(profile: Profile, numbers: list[str], labels: list[str]) -> None:
    key = profile.dataset_id
    choices = st.grid(3, min_column_width=200)
    x = choices.selectbox(words.X_COLUMN, numbers, key=f"scatter.x.{key}")
    y = choices.selectbox(words.Y_COLUMN, [name for name in numbers if name != x], key=f"scatter.y.{key}")
    colour = choices.selectbox(
        words.COLOUR_COLUMN,
        [None, *labels],
        format_func=lambda name: words.NO_COLOUR if name is None else name,
        key=f"scatter.colour.{key}",
    )
    wanted = [name for name in (x, y, colour) if name is not None]
    frame = load_frame(profile, "columns", wanted)
    if frame is None:
        return
    known = frame.dropna(subset=[x, y])
    if known.empty:
        st.caption(words.NOT_ENOUGH)
        return
    shown = known.sample(MOST_SCATTER_POINTS, random_state=0) if len(known) > MOST_SCATTER_POINTS else known
    figure = scatter(shown, x, y, colour)
    show_chart(figure, key=f"columns.scatter.{key}", alt=f"{words.SCATTER}: {x}, {y}")
    st.caption(
        words.SAMPLED.format(shown=len(shown)) if len(shown) < len(known) else words.RESTS_ON.format(used=len(known))
    )


def _show_summary(profile: Profile, numbers: list[str]) -> None:
    with st.expander(words.DESCRIBE_HEADING):
        frame = load_frame(profile, "summary", numbers)
        if frame is not None:
            summary = frame.describe().T.rename(columns=dict(words.DESCRIBE))
            summary.index.name = words.COLUMN
            table = summary.reset_index()
            st.dataframe(table, hide_index=True, column_config=number_columns(table))
