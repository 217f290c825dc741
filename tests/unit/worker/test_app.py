"""What the Celery application promises by its configuration: the traps are in its defaults."""

from servicekit.metrics import Metrics
from worker.app import TASK_NAME, create_app
from worker.settings import WorkerSettings


def test_message_is_kept_until_its_batch_is_done_and_only_json_is_read() -> None:
    settings = WorkerSettings.model_validate({"REDIS_URL": "redis://127.0.0.1:1", "batch_seconds": 100.0})
    app = create_app(settings, Metrics())
    assert TASK_NAME in app.tasks
    expected = {
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "accept_content": ["json"],
        "task_serializer": "json",
        "worker_pool": "threads",  # never forks
    }
    assert {name: app.conf[name] for name in expected} == expected
    assert app.conf["broker_transport_options"]["visibility_timeout"] > 100.0  # given to no other meanwhile
