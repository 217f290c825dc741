"""The form for one accident. Its options come from the model; its values are kept for the session."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Literal

import streamlit as st

from streamlit_client import state, texts
from streamlit_client.backend.contract import Accident, Feature, Model
from streamlit_client.parts.accident_time import time_period_of, today, weekday_of

_DAY, _HOUR, _COUNTY, _TOWN = "form.day", "form.hour", "form.county", "form.town"
_FEW = 6
_NARROWEST = 150


def fill_form(accident: Accident) -> None:
    """Fills the form with an accident. Call it before the form is drawn."""
    _, county, town = district_parts(accident.district)
    values = accident.model_dump()
    state.remember(_DAY, date(accident.accident_year, accident.accident_month, accident.accident_day))
    state.remember(_HOUR, accident.accident_hour)
    state.remember(_COUNTY, county)
    state.remember(_TOWN, town)
    for name in ("accident_type", "weather", "road_surface", "road_type"):
        state.remember(f"form.{name}", values[name])


@st.fragment
def show_form(model: Model, when_drawn: Callable[[Accident | None], None]) -> Accident | None:
    """Draws the form and returns its accident; None if a field shows an error.

    A change reruns only the form; `when_drawn` is called each time, and may draw below it.
    """
    with st.container(border=True):
        st.header(texts.WHEN, anchor=False)
        day, hour = _when(model)
    with st.container(border=True):
        st.header(texts.WHERE, anchor=False)
        district = _where(model.feature("district"))
        road_type = choose(model.feature("road_type"), "form")
    with st.container(border=True):
        st.header(texts.HOW, anchor=False)
        accident_type = choose(model.feature("accident_type"), "form")
        weather = choose(model.feature("weather"), "form")
        road_surface = choose(model.feature("road_surface"), "form")
    accident = None
    if day is not None:
        accident = accident_of(
            day,
            hour,
            district=district,
            road_type=road_type,
            accident_type=accident_type,
            weather=weather,
            road_surface=road_surface,
        )
    when_drawn(accident)
    return accident


def accident_of(day: date, hour: int, **labels: str) -> Accident:
    """Returns an accident of that day and hour, with the derived weekday and time period."""
    return Accident(
        **labels,
        time_period=time_period_of(hour),
        day_of_week=weekday_of(day),
        accident_hour=hour,
        accident_year=day.year,
        accident_month=day.month,
        accident_day=day.day,
    )


def choose_day(
    label: str, first: date, last: date, *, key: str, persist_state: Literal["session"] | None = None
) -> date | None:
    """Draws a date field and returns its day; shows an error and returns None if it is out of range.

    The browser gets no limits: it would mark a day outside them red without sending it, and the page would keep the
    previous day. An incomplete date is reverted by the browser.
    """
    chosen = st.date_input(
        label, min_value=date.min, max_value=date.max, format="YYYY-MM-DD", key=key, persist_state=persist_state
    )
    if chosen is not None and first <= chosen <= last:
        return chosen
    st.error(texts.DAY_OUTSIDE.format(first=first.year, last=last.year), icon=":material/error:")
    return None


def choose(feature: Feature, form: str, options: Sequence[str] | None = None) -> str:
    """Draws the choice of a label, as pills if there are few, else as a list. Returns the chosen one."""
    options = feature.allowed_values if options is None else options
    key = f"{form}.{feature.name}"
    _keep_valid(key, options, feature.typical_value)
    if len(options) <= _FEW:
        chosen = st.pills(feature.korean_name, options, key=key, required=True, persist_state="session")
    else:
        chosen = st.selectbox(feature.korean_name, options, key=key, persist_state="session")
    return chosen or options[0]


def district_parts(district: str) -> tuple[str, str, str]:
    """Splits a label such as `대구광역시 수성구 상동` into city, county and town."""
    city, _, rest = district.partition(" ")
    county, _, town = rest.partition(" ")
    return city, county, town


def _when(model: Model) -> tuple[date | None, int]:
    years = model.feature("accident_year")
    first, last = date(years.minimum or 1, 1, 1), date(years.maximum or 9999, 12, 31)
    # The default is today, not the typical day of the records.
    st.session_state.setdefault(_DAY, min(max(today(), first), last))
    hours = model.feature("accident_hour")
    st.session_state.setdefault(_HOUR, int(hours.typical_value))
    halves = st.grid(2, min_column_width=_NARROWEST)
    with halves.cell():
        day = choose_day(texts.DATE, first, last, key=_DAY, persist_state="session")
    with halves.cell():
        hour = st.slider(
            texts.HOUR,
            hours.minimum or 0,
            hours.maximum or 23,
            format=texts.HOUR_FORMAT,
            key=_HOUR,
            persist_state="session",
        )
    if day is not None:
        derived = texts.DERIVED.format(weekday=weekday_of(day), period=time_period_of(hour))
        st.caption(derived, help=texts.DERIVED_HELP)
    return day, hour


def _where(feature: Feature) -> str:
    towns: dict[str, list[str]] = {}
    for label in feature.allowed_values:
        _, county, town = district_parts(label)
        towns.setdefault(county, []).append(town)
    city, typical_county, typical_town = district_parts(feature.typical_value)
    halves = st.grid(2, min_column_width=_NARROWEST)
    with halves.cell():
        _keep_valid(_COUNTY, list(towns), typical_county)
        county = st.selectbox(texts.COUNTY, list(towns), key=_COUNTY, persist_state="session")
    with halves.cell():
        _keep_valid(_TOWN, towns[county], typical_town)
        town = st.selectbox(texts.TOWN, towns[county], key=_TOWN, persist_state="session")
    return f"{city} {county} {town}".strip()


def _keep_valid(key: str, options: Sequence[str], typical: str) -> None:
    """Resets a choice that is not among the options: at first, or after a change of county or model."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = typical if typical in options else options[0]
