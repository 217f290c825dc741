"""The table of stored predictions, newest first, in pages."""

from typing import Any

import pyarrow as pa
import streamlit as st

from streamlit_client import state, texts
from streamlit_client.backend.contract import Accident, FullPrediction, HistoryPage, Model
from streamlit_client.parts.asking import ask
from streamlit_client.parts.elements import recall_cursors, show_cursor_paging, turn_page
from streamlit_client.parts.wording import accident_moment_text, moment_text, range_text, severity_text
from streamlit_client.predict.accident_form import fill_form
from streamlit_client.predict.prediction_result import request_prediction

_PAGE_SIZE = 10
_REFRESH_SECONDS = 15.0
_LIST = "history"
_SHOWN = ("accident_type", "road_type", "weather", "road_surface")
_DRAWN = "history.drawn"


def show_newest() -> None:
    """Returns to the first page."""
    turn_page(_LIST, (), 0)
    state.forget(_DRAWN)


@st.fragment(run_every=_REFRESH_SECONDS)
def show_history(model: Model) -> None:
    """Draws a page of the history and refreshes it; each accident can be predicted again."""
    st.header(texts.HISTORY, anchor=False)
    cursors = recall_cursors(_LIST)
    page = _find_held(cursors) or ask(
        _LIST,
        lambda: state.gateway().list_predictions(limit=_PAGE_SIZE, after=cursors[-1] if cursors else None),
        is_aside=True,
    )
    if page is None:
        return
    if not page.predictions:
        st.caption(texts.HISTORY_EMPTY)
        return
    state.remember(_DRAWN, (cursors, page))
    selected = st.dataframe(
        pa.Table.from_pylist([_row(prediction, model) for prediction in page.predictions]),
        hide_index=True,
        column_config={texts.ECLO: st.column_config.NumberColumn(format="%.2f")},
        key=_table_key(page),
        on_select="rerun",
        selection_mode="single-cell",  # a click anywhere in a row selects it
    )
    rows = [row for row, _ in selected.selection.cells]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if rows:
            _show_again(page.predictions[rows[0]].accident)
        else:
            st.caption(texts.HISTORY_HELP, width="content")
        show_cursor_paging(_LIST, cursors, page.next)


def _find_held(cursors: tuple[str, ...]) -> HistoryPage | None:
    """Returns the current page while one of its rows is selected, so that new predictions do not move it."""
    drawn_cursors, page = state.recall(_DRAWN, tuple) or (None, None)
    if drawn_cursors != cursors or not isinstance(page, HistoryPage):
        return None
    table = st.session_state.get(_table_key(page))
    return page if table is not None and table["selection"]["cells"] else None


def _table_key(page: HistoryPage) -> str:
    return f"history.table.{page.predictions[0].prediction_id}"


def _show_again(accident: Accident) -> None:
    if st.button(
        texts.HISTORY_AGAIN, key="history.again", icon=":material/replay:", on_click=_predict_again, args=(accident,)
    ):
        st.rerun()


def _predict_again(accident: Accident) -> None:
    state.forget(_DRAWN)
    fill_form(accident)
    request_prediction(accident)


def _row(prediction: FullPrediction, model: Model) -> dict[str, Any]:
    accident = prediction.accident
    return {
        texts.PREDICTED_AT: moment_text(prediction.created_at, has_weekday=False),
        texts.ECLO: prediction.eclo,
        texts.SEVERITY: severity_text(prediction.interpretation, model),
        texts.RANGE_COLUMN: range_text(prediction),
        texts.ACCIDENT_AT: accident_moment_text(accident, has_weekday=False),
        texts.FIELD_NAMES["district"]: accident.district.removeprefix(texts.CITY_PREFIX),
        **{texts.FIELD_NAMES[name]: getattr(accident, name) for name in _SHOWN},
    }
