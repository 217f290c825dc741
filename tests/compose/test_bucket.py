"""Files of datasets in a bucket, which containers reach without a folder that they share."""

import httpx

from tests.compose.stack import ComposeStack

CSV = "이름,값\n가,1\n나,2\n".encode()
BUCKET = {
    "DATASET_FILES": "s3://daegu/datasets",
    "DATASET_S3_ENDPOINT": "http://bucket:9000",
    "DATASET_S3_ACCESS_KEY": "daegu",
    "DATASET_S3_SECRET_KEY": "not-a-secret",
}


def test_files_in_a_bucket_outlive_all_containers_that_wrote_them(stack: ComposeStack, api: httpx.Client) -> None:
    stack.set(**BUCKET)
    try:
        stack.up(dataset=2)
        before = _objects(stack)
        files = {"file": ("표.csv", CSV, "text/csv")}
        dataset = api.post("/api/datasets/upload", files=files).raise_for_status().json()["dataset_id"]
        assert _objects(stack) > before
        stack.roll("dataset")
        for _ in range(4):  # calls go to both in turn
            data = api.get(f"/api/datasets/{dataset}/data", params={"format": "csv"}).raise_for_status()
            assert "나" in data.content.decode("utf-8-sig")
        api.delete(f"/api/datasets/{dataset}").raise_for_status()
        assert api.get(f"/api/datasets/{dataset}").status_code == 404
    finally:
        stack.set(**dict.fromkeys(BUCKET, ""))
        stack.up(dataset=1)


def _objects(stack: ComposeStack) -> set[str]:
    return set(stack.exec("bucket", "find", "/data", "-type", "f").split())
