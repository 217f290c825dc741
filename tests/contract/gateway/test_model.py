"""GET /api/predict/model over real HTTP."""

from tests.contract.gateway.running_gateway import Gateway


async def test_model_is_described_as_a_form_needs_it(gateway: Gateway) -> None:
    answer = (await gateway.get("/api/predict/model")).json()

    assert (answer.pop("success"), answer.pop("error")) == (True, None)
    assert answer.pop("timestamp")
    assert answer == {
        "model_version": "fake-1",
        "features": [
            {
                "name": "weather",
                "korean_name": "기상상태",
                "kind": "category",
                "allowed_values": ["맑음", "비"],
                "minimum": None,
                "maximum": None,
                "typical_value": "맑음",
            },
            {
                "name": "accident_hour",
                "korean_name": "사고시",
                "kind": "integer",
                "allowed_values": [],
                "minimum": 0,
                "maximum": 23,
                "typical_value": "18",
            },
        ],
        "bands": [
            {"interpretation": "경미", "minimum_eclo": 0.0, "maximum_eclo": 4.0, "share": 0.8},
            {"interpretation": "심각", "minimum_eclo": 4.0, "maximum_eclo": None, "share": 0.2},
        ],
        "metrics": [{"name": "rmsle", "value": 0.5, "note": "made up"}],
        "trained_on": "2007-01-01/2020-12-31",
        "training_rows": 7,
        "prediction_quantiles": [float(share) for share in range(101)],
    }
