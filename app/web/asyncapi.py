"""/asyncapi.json (AsyncAPI 3.0): the topics, who publishes which events to them, who consumes them, and their data."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from inspect import getdoc
from typing import Any

import msgspec
from flask import Flask, Response

from app.bus.event import TYPES, Event
from app.bus.subscription import Subscriptions
from app.config.settings import Settings

SCHEMAS = "#/components/schemas/{name}"
ABOUT = (
    "The events of a shop's four modules. A module publishes to the topic of its own name. Events of one key and one "
    "publisher arrive in the order of their publication. Each event arrives at least once; a repeated one has the same "
    "`ce_id`."
)
HEADERS = {  # CloudEvents 1.0, Kafka protocol binding, binary mode
    "type": "object",
    "required": ["ce_id", "ce_type", "ce_source", "ce_time", "ce_specversion", "content-type"],
    "properties": {
        "ce_id": {"type": "string", "format": "uuid", "description": "the same in every copy of the event"},
        "ce_type": {"type": "string", "description": "name and version, such as orders.order_placed.v1"},
        "ce_source": {"type": "string", "description": "/quartet/ and the module"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_requestid": {"type": "string", "description": "the request that caused it"},
        "content-type": {"type": "string", "const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C Trace Context"},
    },
}


def install(app: Flask, settings: Settings, consumed: Mapping[str, Subscriptions]) -> None:
    """Serve the document of the modules in this process. `consumed`: what each subscribes to, by its name."""

    @cache
    def made() -> bytes:
        return msgspec.json.encode(document(settings.topic_prefix, consumed))

    app.add_url_rule("/asyncapi.json", "asyncapi", lambda: Response(made(), mimetype="application/json"))


def document(prefix: str, consumed: Mapping[str, Subscriptions]) -> dict[str, Any]:
    """The events that these modules publish and consume. `prefix`: of the names of topics."""
    published = [event for event in _contracts() if event.topic() in consumed]
    events = sorted({*published, *(event for each in consumed.values() for event in each)}, key=_type)
    _, schemas = msgspec.json.schema_components(events, ref_template=SCHEMAS)
    topics = sorted({event.topic() for event in events})
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Quartet", "version": "v1", "description": ABOUT, "license": {"name": "MIT"}},
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {topic: _channel(topic, prefix, events) for topic in topics},
        "operations": dict(_operations(consumed, published, topics)),
        "components": {
            "messages": {event.event_type(): _message(event) for event in events},
            "schemas": {"CloudEventHeaders": HEADERS, **schemas},
        },
    }


def _contracts() -> list[type[Event]]:
    """The events of app/bus/contracts, by type, without those that tests declare."""
    return sorted((event for event in TYPES.values() if event.__module__.startswith("app.bus.contracts.")), key=_type)


def _type(event: type[Event]) -> str:
    return event.event_type()


def _server() -> dict[str, Any]:
    bootstrap = {"default": "localhost:9092", "description": "one of KAFKA_BOOTSTRAP_SERVERS"}
    return {"host": "{bootstrap}", "protocol": "kafka", "variables": {"bootstrap": bootstrap}}


def _channel(topic: str, prefix: str, events: Iterable[type[Event]]) -> dict[str, Any]:
    own = [event.event_type() for event in events if event.topic() == topic]
    return {
        "address": prefix + topic,
        "description": f"What {topic} publishes.",
        "messages": {type: {"$ref": f"#/components/messages/{type}"} for type in own},
    }


def _operations(
    consumed: Mapping[str, Subscriptions], published: Iterable[type[Event]], topics: Iterable[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, subscriptions in sorted(consumed.items()):
        yield f"{name}.publish", _operation("send", name, published)
        for topic in topics:
            if any(event.topic() == topic for event in subscriptions):
                yield f"{name}.consume.{topic}", _operation("receive", topic, subscriptions)


def _operation(action: str, topic: str, events: Iterable[type[Event]]) -> dict[str, Any]:
    types = sorted(event.event_type() for event in events if event.topic() == topic)
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "messages": [{"$ref": f"#/channels/{topic}/messages/{type}"} for type in types],
    }


def _message(event: type[Event]) -> dict[str, Any]:
    key = {"type": "string", "description": f"the event's {event.key_field}"}
    return {
        "name": event.event_type(),
        "title": event.__name__,
        "summary": (getdoc(event) or "").partition("\n")[0],
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}},
    }
