"""The naive design for comparison: a DataFrame for each prediction, an ORM session for each request; an upload is
held in memory as a whole, read and described by pandas, and stored as Parquet.

Run by uvicorn (`--factory scripts.benchmarks.naive:create_app`); DATABASE_URL names the database, UPLOAD_DIRECTORY the
folder of the files.
"""

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import lightgbm
import numpy as np
import pandas as pd
import sqlalchemy as sa
from fastapi import Depends, FastAPI, File, UploadFile
from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from prediction_service.features import Calendar
from scripts.benchmarks.processes import REPOSITORY, Server, answers, free_port, running

TABLE = "naive_predictions"


class Base(DeclarativeBase):
    pass


class StoredPrediction(Base):
    __tablename__ = TABLE

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    created_at: Mapped[datetime] = mapped_column(sa.TIMESTAMP(timezone=True))
    model_version: Mapped[str]
    input_features: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    eclo_value: Mapped[float]
    interpretation: Mapped[str]


class AccidentIn(BaseModel):
    weather: str
    road_surface: str
    road_type: str
    accident_type: str
    time_period: str
    district: str
    day_of_week: str
    accident_hour: int
    accident_year: int
    accident_month: int
    accident_day: int


class PredictionOut(BaseModel):
    success: bool
    error: str | None
    timestamp: datetime
    prediction_id: UUID
    eclo: float
    interpretation: str
    model_version: str


@contextmanager
def running_naive(directory: Path, database_url: str, shared: Sequence[int] = ()) -> Iterator[Server]:
    """Yields the server; `shared` are processes that it uses as well, such as PostgreSQL."""
    files, port = directory / "naive", free_port()
    files.mkdir()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", "--factory", "scripts.benchmarks.naive:create_app", "--port", str(port)]
    with running(
        command, lambda: answers(f"{url}/openapi.json"),
        log=directory / "naive.log", environment={"DATABASE_URL": database_url, "UPLOAD_DIRECTORY": str(files)},
    ) as process:  # fmt: skip
        yield Server(url, (process.pid, *shared))


def create_app() -> FastAPI:
    description = json.loads((REPOSITORY / "model" / "model.json").read_text("utf-8"))
    booster = lightgbm.Booster(model_file=str(REPOSITORY / "model" / "eclo_model.txt"))
    calendar = Calendar([date.fromisoformat(day) for day in description["holidays"]])
    engine = sa.create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://", 1))
    Base.metadata.create_all(engine)
    open_session = sessionmaker(engine)
    directory = Path(os.environ["UPLOAD_DIRECTORY"])
    app = FastAPI()

    def session() -> Iterator[Session]:
        with open_session() as opened:
            yield opened

    @app.post("/api/predict/eclo")
    def predict(accident: AccidentIn, session: Annotated[Session, Depends(session)]) -> PredictionOut:
        frame = pd.DataFrame([accident.model_dump()])
        eclo = float(np.expm1(booster.predict(encoded(frame, description["columns"], calendar)))[0])
        interpretation = ("경미", "일반", "심각", "매우 심각")[int(np.digitize(eclo, description["cut_points"]))]
        stored = StoredPrediction(
            created_at=datetime.now(UTC),
            model_version=description["version"],
            input_features=accident.model_dump(),
            eclo_value=eclo,
            interpretation=interpretation,
        )
        session.add(stored)
        session.commit()
        return PredictionOut(
            success=True,
            error=None,
            timestamp=stored.created_at,
            prediction_id=stored.id,
            eclo=eclo,
            interpretation=interpretation,
            model_version=stored.model_version,
        )

    @app.post("/api/datasets/upload")
    def upload(file: Annotated[UploadFile, File()]) -> dict[str, Any]:
        content = file.file.read()
        try:
            frame = pd.read_csv(io.BytesIO(content))
        except UnicodeDecodeError:
            frame = pd.read_csv(io.BytesIO(content), encoding="cp949")
        name = uuid4().hex
        (directory / f"{name}.csv").write_bytes(content)
        frame.to_parquet(directory / f"{name}.parquet")
        profile = {
            column: {"missing": int(values.isna().sum()), "unique": int(values.nunique())}
            for column, values in frame.items()
        }
        described = frame.describe(include="all").to_json(force_ascii=False)
        return {"id": name, "rows": len(frame), "profile": profile, "described": described}

    return app


def encoded(frame: pd.DataFrame, columns: list[dict[str, Any]], calendar: Calendar) -> pd.DataFrame:
    dates = pd.to_datetime(pd.DataFrame({part: frame[f"accident_{part}"] for part in ("year", "month", "day")}))
    facts = dates.map(lambda moment: calendar.facts(moment.date()))
    rows = pd.DataFrame(index=frame.index)
    for column in columns:
        values = frame[column["source"]]
        if column["kind"] == "table":
            rows[column["name"]] = values.astype(str).map(column["table"]).fillna(column["default"])
        elif column["kind"] == "number":
            rows[column["name"]] = values.clip(column.get("minimum"), column.get("maximum"))
        else:
            rows[column["name"]] = facts.map(lambda of_day, name=column["name"]: of_day[name])
    return rows.astype(float)
