"""Predicts every row of a dataset: the batch is followed on the page 배치."""

import streamlit as st

from streamlit_client import address, texts_datasets
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.files.batch_start import show_start


def show_prediction(profile: Profile) -> None:
    """Draws the steps from a dataset to a batch, and goes there."""
    st.markdown(texts_datasets.PREDICT_INTRO)
    batch_id = show_start(profile)
    if batch_id is not None:
        st.switch_page("app_pages/batch.py", query_params={address.BATCH: batch_id})
