"""A small real HTTP server that speaks the REST contract, and can be told to fail, refuse or keep silent.

Trouble is announced for a path, `/health`, or for one method of it, `GET /health`.

`python -m tests.ui.fake_gateway 8000` runs it for looking at the page.
"""

import contextlib
import csv
import io
import itertools
import json
import math
import re
import socket
import sys
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

FIELDS = {
    "weather": "기상상태",
    "road_surface": "노면상태",
    "road_type": "도로형태",
    "accident_type": "사고유형",
    "time_period": "시간대",
    "district": "시군구",
    "day_of_week": "요일",
    "accident_hour": "사고시",
    "accident_year": "사고연도",
    "accident_month": "사고월",
    "accident_day": "사고일",
}
ALLOWED = {
    "weather": ["맑음", "비", "흐림", "기타", "눈", "안개"],
    "road_surface": ["건조", "젖음/습기", "기타", "서리/결빙", "적설", "침수"],
    "road_type": [
        "단일로 - 기타",
        "교차로 - 교차로안",
        "교차로 - 교차로부근",
        "기타 - 기타",
        "교차로 - 교차로횡단보도내",
        "단일로 - 교량",
        "단일로 - 터널",
    ],
    "accident_type": ["차대차", "차대사람", "차량단독"],
    "time_period": ["일반시간대", "심야", "퇴근시간대", "출근시간대"],
    "district": [
        "대구광역시 남구 대명동",
        "대구광역시 남구 봉덕동",
        "대구광역시 달성군 다사읍",
        "대구광역시 수성구 상동",
        "대구광역시 수성구 범어동",
        "대구광역시 중구 동인동1가",
    ],
    "day_of_week": ["월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"],
}
RANGES = {"accident_hour": (0, 23), "accident_year": (2007, 2040), "accident_month": (1, 12), "accident_day": (1, 31)}
TYPICAL = {
    "weather": "맑음", "road_surface": "건조", "road_type": "단일로 - 기타", "accident_type": "차대차",
    "time_period": "일반시간대", "district": "대구광역시 남구 대명동", "day_of_week": "금요일",
    "accident_hour": "18", "accident_year": "2020", "accident_month": "10", "accident_day": "14",
}  # fmt: skip
CUTS = (3.9, 4.6, 5.2)
WORDS = ("경미", "일반", "심각", "매우 심각")
SHARES = (0.2, 0.6, 0.15, 0.05)
QUANTILES = [2.7 + 1.2 * share / 20 for share in range(20)]
QUANTILES += [3.9 + 0.7 * (share - 20) / 60 for share in range(20, 80)]
QUANTILES += [4.6 + 0.6 * (share - 80) / 15 for share in range(80, 95)]
QUANTILES += [5.2 + 3.4 * (share - 95) / 5 for share in range(95, 101)]
BASE_SCORE = 1.69
# How much a value moves log1p(ECLO); whatever is not named moves nothing.
EFFECTS = {"차대사람": -0.06, "차량단독": 0.11, "비": 0.02, "눈": 0.05, "심야": 0.07, "교차로 - 교차로안": 0.02}
VERSION = "eclo-test-1"


def score(accident: dict[str, Any]) -> float:
    """Returns log1p(ECLO) of an accident."""
    return BASE_SCORE + math.fsum(EFFECTS.get(str(accident[field]), 0.0) for field in FIELDS)


def eclo_of(accident: dict[str, Any]) -> float:
    """Returns the ECLO the fake predicts."""
    return math.expm1(score(accident))


def word_of(eclo: float) -> str:
    """Returns the word for an ECLO."""
    return WORDS[sum(eclo >= cut for cut in CUTS)]


class FakeGateway:
    """Serves on a free port until stopped; may be started again on the same port."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.predictions: list[dict[str, Any]] = []
        self.batches: dict[str, dict[str, Any]] = {}
        self.items_per_poll = 10**9
        self.health_status = "healthy"
        self.warnings: list[dict[str, Any]] = []
        self._troubles: dict[str, list[Callable[[Any], bool]]] = defaultdict(list)
        self._released = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self.connections: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listens."""
        handler = type("Handler", (_Handler,), {"gateway": self})
        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._released.clear()
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Closes all connections, and refuses new ones from now on."""
        self._released.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def refuse(self, path: str, status: int, code: str, sentence: str, details: Any = (), times: int = 1) -> None:
        """Answers the next calls of a path with an error of the contract."""
        body = {
            "success": False,
            "error": sentence,
            "code": code,
            "details": list(details),
            "request_id": "fake-request-id",
            "timestamp": _now(),
        }
        self._troubles[path] += [lambda handler: handler.answer(body, status)] * times

    def answer_garbage(self, path: str) -> None:
        """Answers the next call of a path with what is not JSON."""
        self._troubles[path].append(lambda handler: handler.answer_bytes(b"<html>", 200, "text/html"))

    def answer_csv(self, path: str, text: str) -> None:
        """Answers the next call of a path with this file."""
        self._troubles[path].append(lambda handler: handler.answer_bytes(text.encode(), 200, "text/csv"))

    def hang(self, path: str) -> None:
        """Keeps silent at the next call of a path, until stopped."""
        self._troubles[path].append(lambda handler: self._released.wait())

    def drip(self, path: str) -> None:
        """Answers the next call of a path with a byte now and then, never to the end."""
        self._troubles[path].append(lambda handler: handler.drip(self._released))

    def cut(self, path: str) -> None:
        """Takes the next request of a path and closes the connection without an answer."""
        self._troubles[path].append(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR) or True)

    def calls(self, method: str, path: str) -> list[Any]:
        """Returns the bodies of the calls so far."""
        return [body for called, at, _, body in self.requests if (called, at) == (method, path)]

    def take_trouble(self, method: str, path: str) -> Callable[[Any], bool] | None:
        """Returns the trouble that waits for this call."""
        troubles = self._troubles[path] or self._troubles[f"{method} {path}"]
        return troubles.pop(0) if troubles else None

    def add_batch(self, accidents: list[dict[str, Any]], **fields: Any) -> str:
        """Stores a batch without a worker."""
        batch_id = str(uuid.uuid4())
        self.batches[batch_id] = {"accidents": accidents, "status": "pending", "done": 0, "at": _now()} | fields
        return batch_id

    def work_on(self, batch_id: str) -> None:
        """Predicts a few more items, as a poll comes in."""
        batch = self.batches[batch_id]
        if batch["status"] in ("pending", "processing"):
            batch["done"] = min(len(batch["accidents"]), batch["done"] + self.items_per_poll)
            batch["status"] = "completed" if batch["done"] == len(batch["accidents"]) else "processing"


class _Handler(BaseHTTPRequestHandler):
    gateway: FakeGateway
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each body would wait 40 ms for the acknowledgement of its headers

    def setup(self) -> None:
        super().setup()
        self.gateway.connections.add(self.connection)

    def finish(self) -> None:
        self.gateway.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_form = self.headers.get("Content-Type", "").startswith("multipart/form-data")
        body = raw if is_form else json.loads(raw) if raw else None
        self.gateway.requests.append((method, url.path, dict(self.headers), body))
        if trouble := self.gateway.take_trouble(method, url.path):
            self.close_connection = True
            trouble(self)
            return
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        for pattern, route in _ROUTES[method]:
            if found := re.fullmatch(pattern, url.path):
                route(self, body, query, *found.groups())
                return
        self._not_found("ROUTE_NOT_FOUND", "요청한 주소를 찾을 수 없습니다.")

    def get_model(self, _body: Any, _query: dict[str, str]) -> None:
        bounds = (0.0, *CUTS, None)
        self.answer(
            {
                "model_version": VERSION,
                "features": [
                    {
                        "name": name,
                        "korean_name": korean,
                        "kind": "category" if name in ALLOWED else "integer",
                        "allowed_values": ALLOWED.get(name, []),
                        "minimum": RANGES.get(name, (None,))[0],
                        "maximum": RANGES.get(name, (None,))[-1],
                        "typical_value": TYPICAL[name],
                    }
                    for name, korean in FIELDS.items()
                ],
                "bands": [
                    {"interpretation": word, "minimum_eclo": low, "maximum_eclo": high, "share": share}
                    for word, low, high, share in zip(WORDS, bounds, bounds[1:], SHARES, strict=False)
                ],
                "metrics": [{"name": "better_than_constant", "value": 0.0202, "note": "2020"}],
                "trained_on": "2007-01-01/2020-12-31",
                "training_rows": 194416,
                "prediction_quantiles": QUANTILES,
            }
        )

    def predict(self, body: dict[str, Any], _query: dict[str, str]) -> None:
        accident = {name: body[name] for name in FIELDS}
        stored = _result(accident) | {"model_version": VERSION, "created_at": _now(), "warnings": self.gateway.warnings}
        self.gateway.predictions.insert(0, stored | {"accident": accident, "dataset_id": None})
        explanation = _explanation(accident)
        if not body.get("explain", False):
            explanation = dict.fromkeys(explanation)
        self.answer(stored | {"detail": "실제 대구 사고 가운데 예상 심각도가 중간인 60%에 듭니다."} | explanation)

    def get_prediction(self, _body: Any, _query: dict[str, str], prediction_id: str) -> None:
        for stored in self.gateway.predictions:
            if stored["prediction_id"] == prediction_id:
                self.answer(stored | _explanation(stored["accident"]))
                return
        self._not_found("PREDICTION_NOT_FOUND", "예측을 찾을 수 없습니다.")

    def list_predictions(self, _body: Any, query: dict[str, str]) -> None:
        ids = [prediction["prediction_id"] for prediction in self.gateway.predictions]
        start = ids.index(query["cursor"]) + 1 if "cursor" in query else 0
        page = self.gateway.predictions[start : start + int(query["limit"])]
        is_last = start + len(page) >= len(ids)
        self.answer({"predictions": page, "next_cursor": None if is_last else page[-1]["prediction_id"]})

    def create_batch(self, body: dict[str, Any], _query: dict[str, str]) -> None:
        batch_id = self.gateway.add_batch(body["accidents"])
        self.answer(self._batch_fields(batch_id), 202)

    def list_batches(self, _body: Any, _query: dict[str, str]) -> None:
        self.answer({"batches": [self._batch_fields(batch_id) for batch_id in reversed(self.gateway.batches)]})

    def get_batch(self, _body: Any, _query: dict[str, str], batch_id: str) -> None:
        if batch_id not in self.gateway.batches:
            self._not_found("BATCH_NOT_FOUND", "배치 작업을 찾을 수 없습니다.")
            return
        self.gateway.work_on(batch_id)
        self.answer(self._batch_fields(batch_id))

    def cancel_batch(self, _body: Any, _query: dict[str, str], batch_id: str) -> None:
        self.gateway.batches[batch_id]["status"] = "cancelled"
        self.answer(self._batch_fields(batch_id))

    def list_results(self, _body: Any, query: dict[str, str], batch_id: str) -> None:
        batch = self.gateway.batches[batch_id]
        results = [_item(index, accident) for index, accident in enumerate(batch["accidents"][: batch["done"]])]
        if query.get("format") == "csv":
            self.answer_bytes(_results_csv(batch["accidents"], results), 200, "text/csv; charset=utf-8")
            return
        offset, limit = int(query["offset"]), int(query["limit"])
        self.answer(self._batch_fields(batch_id) | {"results": results[offset : offset + limit]})

    def upload(self, _body: Any, _query: dict[str, str]) -> None:
        self.answer({"dataset_id": str(uuid.uuid4())}, 201)

    def get_health(self, _body: Any, _query: dict[str, str]) -> None:
        status = self.gateway.health_status
        services = {
            name: {"status": "healthy", "latency_ms": 1.5}
            for name in ("prediction", "dataset", "chat", "database", "redis", "worker", "storage")
        }
        if status != "healthy":
            services["worker"] = {"status": "unhealthy", "latency_ms": None}
        self.answer({"status": status, "services": services, "version": "0.1.0"}, 503 if status == "unhealthy" else 200)

    def answer(self, fields: dict[str, Any], status: int = 200) -> bool:
        body = {"success": status < 400, "error": None, "timestamp": _now()} | fields
        return self.answer_bytes(json.dumps(body, ensure_ascii=False).encode(), status, "application/json")

    def answer_bytes(self, content: bytes, status: int, kind: str) -> bool:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:  # or the caller would send its next request to a closed connection
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        return True

    def drip(self, released: threading.Event) -> bool:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while not released.wait(0.05):
            try:
                self.wfile.write(b" ")
            except OSError:
                break
        return True

    def _not_found(self, code: str, sentence: str) -> None:
        self.answer({"success": False, "error": sentence, "code": code, "details": [], "request_id": "fake"}, 404)

    def _batch_fields(self, batch_id: str) -> dict[str, Any]:
        batch = self.gateway.batches[batch_id]
        total, is_ended = len(batch["accidents"]), batch["status"] not in ("pending", "processing")
        failed = sum(_item(0, accident)["error"] is not None for accident in batch["accidents"][: batch["done"]])
        later = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
        return {
            "batch_id": batch_id,
            "status": batch["status"],
            "total": total,
            "done": batch["done"],
            "failed": failed,
            "progress": batch["done"] / total,
            "created_at": batch["at"],
            "started_at": batch["at"],
            "finished_at": _now() if is_ended else None,
            "estimated_completion": None if is_ended else later,
            "results_url": f"/api/predict/batch/{batch_id}/results",
            "dataset_id": None,
        }

    def log_message(self, *_: Any) -> None:
        """Keeps quiet."""


_BATCH = "/api/predict/batch/([^/]+)"
_ROUTES: dict[str, list[tuple[str, Callable[..., None]]]] = {
    "GET": [
        ("/health", _Handler.get_health),
        ("/api/predict/model", _Handler.get_model),
        ("/api/predictions", _Handler.list_predictions),
        ("/api/predictions/([^/]+)", _Handler.get_prediction),
        ("/api/predict/batch", _Handler.list_batches),
        (_BATCH, _Handler.get_batch),
        (f"{_BATCH}/results", _Handler.list_results),
    ],
    "POST": [
        ("/api/predict/eclo", _Handler.predict),
        ("/api/predict/eclo/batch", _Handler.create_batch),
        ("/api/datasets/upload", _Handler.upload),
    ],
    "DELETE": [(_BATCH, _Handler.cancel_batch)],
}


def _explanation(accident: dict[str, Any]) -> dict[str, Any]:
    contributions = [
        {
            "field": name,
            "name": korean,
            "value": str(accident[name]),
            "contribution": EFFECTS.get(str(accident[name]), 0.0),
        }
        for name, korean in FIELDS.items()
    ]
    return {"base_score": BASE_SCORE, "raw_score": score(accident), "contributions": contributions}


def _result(accident: dict[str, Any]) -> dict[str, Any]:
    eclo = eclo_of(accident)
    return {
        "prediction_id": str(uuid.uuid4()),
        "eclo": eclo,
        "expected": eclo * 1.1,
        "interpretation": word_of(eclo),
        "range": {"low": eclo * 0.65, "high": eclo * 2.0, "coverage": 0.8},
    }


def _item(index: int, accident: dict[str, Any]) -> dict[str, Any]:
    details = [
        {"field": name, "message": "허용되는 값이 아닙니다.", "allowed": allowed[:3], "suggestion": allowed[0]}
        for name, allowed in ALLOWED.items()
        if name in ("weather", "road_surface", "accident_type") and accident[name] not in allowed
    ]
    if details:
        error = {"code": "ACCIDENT_INVALID", "message": "사고 조건을 확인해주세요.", "details": details}
        return {"index": index, "error": error, "warnings": []} | dict.fromkeys(
            ("eclo", "expected", "interpretation", "range", "prediction_id")
        )
    return _result(accident) | {"index": index, "warnings": [], "error": None}


def _results_csv(accidents: list[dict[str, Any]], results: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["번호", *FIELDS.values(), "ECLO", "ECLO 기댓값", "심각도", "범위(하한)", "범위(상한)", "오류"])
    for accident, result in zip(accidents, results, strict=False):
        bounds = result["range"] or {"low": None, "high": None}
        error = result["error"]
        note = (
            ""
            if error is None
            else f"{error['message']} {FIELDS[error['details'][0]['field']]}: 허용되는 값이 아닙니다."
        )
        writer.writerow(
            [result["index"] + 1, *(accident[name] for name in FIELDS), result["eclo"], result["expected"],
             result["interpretation"], bounds["low"], bounds["high"], note]
        )  # fmt: skip
    return out.getvalue().encode("utf-8-sig")


def _now() -> str:
    return datetime.now(UTC).astimezone().isoformat()


if __name__ == "__main__":
    fake = FakeGateway(int(sys.argv[1]))
    fake.items_per_poll = 1500
    fake.start()
    for _ in itertools.count():
        threading.Event().wait(60)
