"""librdkafka's mock broker, which answers as a test requires. Python's client does not offer that, so ctypes does."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import confluent_kafka

PRODUCE, OFFSET_FETCH, INIT_PRODUCER_ID = 0, 9, 22  # the numbers of requests in Kafka's protocol


class BrokerWithErrors:
    """A broker inside this process, at the address `servers`."""

    def __init__(self, library: Any, cluster: int, topic: str) -> None:
        self._library, self._cluster = library, ctypes.c_void_p(cluster)
        self.servers = library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()
        assert library.rd_kafka_mock_topic_create(self._cluster, topic.encode(), 1, 1) == 0

    def answers(self, request: int, error: int) -> None:
        """Answer the next request of a kind with one of the errors of KafkaError."""
        errors = (ctypes.c_int * 1)(error)
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, ctypes.c_int16(request), ctypes.c_size_t(1), errors
        )


@contextmanager
def broker_with_errors(topic: str) -> Iterator[BrokerWithErrors]:
    """It has a topic of one partition."""
    [path] = Path(confluent_kafka.__file__).parents[1].glob("confluent_kafka.libs/librdkafka*")
    library = ctypes.CDLL(str(path))
    library.rd_kafka_conf_new.restype = ctypes.c_void_p
    library.rd_kafka_new.restype = ctypes.c_void_p
    library.rd_kafka_handle_mock_cluster.restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    why = ctypes.create_string_buffer(500)
    options = ctypes.c_void_p(library.rd_kafka_conf_new())
    assert library.rd_kafka_conf_set(options, b"test.mock.num.brokers", b"1", why, ctypes.c_size_t(500)) == 0, why.value
    producer = ctypes.c_void_p(library.rd_kafka_new(0, options, why, ctypes.c_size_t(500)))
    assert producer.value, why.value
    yield BrokerWithErrors(library, library.rd_kafka_handle_mock_cluster(producer), topic)
    library.rd_kafka_destroy(producer)
