"""Retention against three services that come and go."""

import threading
from collections.abc import Callable

import grpc
import pytest
from daegu.retention.v1 import retention_pb2 as pb

from tests.unit.worker.fake_retention import FakeRetention, serving
from worker.retention import Kept, Retention


def _retention(
    *kept: Kept, is_turn: Callable[[], bool] = lambda: True, stopping: threading.Event | None = None
) -> Retention:
    return Retention(kept, is_turn, stopping or threading.Event())


def test_each_kind_is_deleted_to_its_end_at_the_service_that_stores_it() -> None:
    prediction, chat, dataset = (
        FakeRetention(predictions=5, batches=3),
        FakeRetention(conversations=1),
        FakeRetention(datasets=4),
    )
    with serving(prediction) as predictions, serving(chat) as chats, serving(dataset) as datasets:
        retention = _retention(
            Kept(pb.KIND_PREDICTIONS, predictions, 30),
            Kept(pb.KIND_BATCHES, predictions, 30),
            Kept(pb.KIND_CONVERSATIONS, chats, 7),
            Kept(pb.KIND_DATASETS, datasets, 365),
        )
        retention.run()
    assert [*prediction.old.values(), *chat.old.values(), *dataset.old.values()] == [0, 0, 0, 0]
    assert retention.forgotten == 13
    assert chat.calls == [("KIND_CONVERSATIONS", 7, "")]
    assert dataset.calls == [("KIND_DATASETS", 365, ""), ("KIND_DATASETS", 365, "behind 1")]
    # Kinds take turns, so that one with much to delete does not keep the others waiting.
    assert [kind for kind, *_ in prediction.calls] == [
        "KIND_PREDICTIONS", "KIND_BATCHES", "KIND_PREDICTIONS", "KIND_BATCHES", "KIND_PREDICTIONS",
    ]  # fmt: skip


def test_nothing_is_called_where_everything_is_kept_for_good_or_another_worker_runs() -> None:
    chat = FakeRetention(conversations=1)
    with serving(chat) as channel:
        _retention().run()
        _retention(Kept(pb.KIND_CONVERSATIONS, channel, 1), is_turn=lambda: False).run()
    assert not chat.calls


def test_service_that_is_away_hinders_no_other_and_is_asked_again_at_the_next_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    chat, dataset = FakeRetention(conversations=3), FakeRetention(datasets=1)
    chat.is_away = True
    with serving(chat) as chats, serving(dataset) as datasets:
        retention = _retention(Kept(pb.KIND_CONVERSATIONS, chats, 1), Kept(pb.KIND_DATASETS, datasets, 1))
        retention.run()
        retention.run()
        assert (chat.old[pb.KIND_CONVERSATIONS], dataset.old[pb.KIND_DATASETS]) == (3, 0)
        chat.is_away = False
        retention.run()
    assert chat.old[pb.KIND_CONVERSATIONS] == 0
    assert capsys.readouterr().out.count("retention_hindered") == 1


def test_run_stops_with_the_process_and_the_next_one_goes_on_where_it_stopped() -> None:
    chat, stopping = FakeRetention(conversations=5), threading.Event()
    chat.may_answer.clear()
    with serving(chat) as channel:
        retention = _retention(Kept(pb.KIND_CONVERSATIONS, channel, 1), stopping=stopping)
        running = threading.Thread(target=retention.run)
        running.start()
        chat.called.wait()
        stopping.set()
        chat.may_answer.set()
        running.join()
        assert len(chat.calls) == 1
        stopping.clear()
        retention.run()
    assert [after for *_, after in chat.calls] == ["", "behind 1", "behind 2"]


def test_nothing_answers() -> None:
    with grpc.insecure_channel("127.0.0.1:1") as channel:
        retention = _retention(Kept(pb.KIND_DATASETS, channel, 1))
        retention.run()
    assert retention.forgotten == 0
