"""A WSGI application with one call a request."""

import os

import calls

upstream = calls.Upstream(int(os.environ["UPSTREAM"]))


def app(environ, start_response):
    upstream.get(environ["PATH_INFO"], calls.call_label(environ["HTTP_X_LABEL"], 1))
    start_response("200 OK", [("content-length", "2")])
    return [b"ok"]
