"""What the Celery application promises by its configuration: the traps are in its defaults."""

import pytest

from servicekit.metrics import Metrics
from worker.app import TASK_NAME, create_app
from worker.settings import WorkerSettings


@pytest.fixture(scope="module")
def configuration() -> dict[str, object]:
    settings = WorkerSettings.model_validate({"REDIS_URL": "redis://127.0.0.1:1", "batch_seconds": 100.0})
    app = create_app(settings, Metrics())
    assert TASK_NAME in app.tasks
    return dict(app.conf)


def test_message_is_kept_until_its_batch_is_done(configuration: dict[str, object]) -> None:
    assert configuration["task_acks_late"] is True
    assert configuration["task_reject_on_worker_lost"] is True
    assert configuration["worker_prefetch_multiplier"] == 1


def test_message_is_not_given_to_another_while_its_batch_may_still_run(configuration: dict[str, object]) -> None:
    options = configuration["broker_transport_options"]
    assert isinstance(options, dict)
    assert options["visibility_timeout"] > 100.0


def test_only_json_is_read(configuration: dict[str, object]) -> None:
    assert configuration["accept_content"] == ["json"]
    assert configuration["task_serializer"] == "json"


def test_process_never_forks(configuration: dict[str, object]) -> None:
    assert configuration["worker_pool"] == "threads"
