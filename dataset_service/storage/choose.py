"""Chooses where files are by the settings."""

from typing import Any
from urllib.parse import urlsplit

from dataset_service.settings import DatasetSettings
from dataset_service.storage.files import Storage
from dataset_service.storage.folder_storage import FolderStorage


def storage_of(settings: DatasetSettings) -> Storage:
    """Returns the storage: a folder, or a bucket with a cache."""
    if settings.bucket is None:
        return FolderStorage(settings.folder, settings.least_free_bytes)
    # Imported here: it takes a moment, and a folder does without it.
    from dataset_service.storage.bucket_storage import BucketStorage
    from dataset_service.storage.file_cache import FileCache

    return BucketStorage(
        settings.bucket,
        _options(settings),
        FileCache(settings.cache, settings.cache_bytes),
        most_seconds=settings.s3_seconds,
        least_free_bytes=settings.least_free_bytes,
    )


def _options(settings: DatasetSettings) -> dict[str, Any]:
    options: dict[str, Any] = {"region": settings.s3_region}
    if settings.s3_endpoint:
        endpoint = urlsplit(settings.s3_endpoint)
        options |= {"scheme": endpoint.scheme, "endpoint_override": endpoint.netloc}
    if settings.s3_access_key and settings.s3_secret_key:
        options["access_key"] = settings.s3_access_key.get_secret_value()
        options["secret_key"] = settings.s3_secret_key.get_secret_value()
    if settings.s3_ca_file:
        options["tls_ca_file_path"] = str(settings.s3_ca_file)
    return options
