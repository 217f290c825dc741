"""The naive upload for comparison: the whole file in memory, read and described by pandas, stored as Parquet.

Run by uvicorn (`--factory scripts.benchmarks.naive_upload:create_app`); UPLOAD_DIRECTORY names the folder.
"""

import io
import os
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import pandas as pd
from fastapi import FastAPI, File, UploadFile


def create_app() -> FastAPI:
    directory = Path(os.environ["UPLOAD_DIRECTORY"])
    app = FastAPI()

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
