"""The HTTP interface of users: blueprints, schemas of requests, views of responses."""
