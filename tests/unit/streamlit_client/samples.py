"""Values the tests of the page share: answers are what the gateway makes of messages, so they follow the contract."""

from collections.abc import Mapping
from typing import Any

from daegu.dataset.v1 import dataset_pb2
from daegu.prediction.v1 import accident_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.views.dataset import profiled
from gateway.views.prediction import new_prediction
from streamlit_client.backend.contract import Accident, Band, Contribution, Model, Prediction
from streamlit_client.backend.contract_datasets import Column

ACCIDENT = Accident(
    weather="맑음",
    road_surface="건조",
    road_type="교차로 - 교차로안",
    accident_type="차대차",
    time_period="일반시간대",
    district="대구광역시 수성구 상동",
    day_of_week="수요일",
    accident_hour=14,
    accident_year=2024,
    accident_month=5,
    accident_day=15,
)
BANDS = (
    Band(interpretation="경미", minimum_eclo=0.0, maximum_eclo=3.0, share=0.2),
    Band(interpretation="일반", minimum_eclo=3.0, maximum_eclo=5.0, share=0.6),
    Band(interpretation="심각", minimum_eclo=5.0, maximum_eclo=7.0, share=0.15),
    Band(interpretation="매우 심각", minimum_eclo=7.0, maximum_eclo=None, share=0.05),
)
# One accident in a hundred lies between two neighbours: 2.0, 2.1, ..., 12.0.
QUANTILES = tuple(2.0 + share / 10 for share in range(101))
MODEL = Model(
    model_version="m-1",
    features=(),
    bands=BANDS,
    metrics=(),
    trained_on="2007-01-01/2020-12-31",
    training_rows=194_416,
    prediction_quantiles=QUANTILES,
)


def column(name: str, **known: Any) -> Column:
    """Returns an integer column with what is known of it."""
    nothing = {"unique": 5, "missing": 0, "sample": (), "minimum": None, "maximum": None}
    return Column.model_validate({"name": name, "type": "integer"} | nothing | known)


PROFILE: Mapping[str, Any] = profiled(
    dataset_pb2.GetDatasetProfileResponse(
        dataset=dataset_pb2.Dataset(
            dataset_id="d-1",
            name="자료",
            rows=1,
            columns=1,
            size_bytes=1,
            uploaded_at=Timestamp(seconds=1_767_225_600),
            encoding="utf-8",
            content_hash="0",
        )
    )
)
"""Fields of the profile of a dataset; tests add those that matter to them."""


def prediction(eclo: float, **fields: object) -> Prediction:
    """Returns an answer with that value."""
    values = new_prediction(
        accident_pb2.Prediction(
            prediction_id="p-1",
            eclo=eclo,
            expected=1.1 * eclo,
            interpretation="일반",
            range=accident_pb2.EcloRange(low=1.5, high=9.5, coverage=0.8),
            model_version="m-1",
            created_at=Timestamp(seconds=1_715_749_200),
        )
    )
    return Prediction.model_validate(values | fields)


def contribution(name: str, change: float, value: str = "값") -> Contribution:
    """Returns what one input added."""
    return Contribution(name=name, value=value, contribution=change)
