"""Runs the statements it is sent, one line of JSON each, and answers the value of the last expression as JSON."""
import ast
import base64
import json
import os
import socket
import struct
import sys
import threading
import time

NAMES = dict(globals())


def run(code):
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<command>", "exec"), NAMES)
    if last is None:
        return None
    value = eval(compile(ast.Expression(last.value), "<command>", "eval"), NAMES)
    return value if isinstance(value, (int, float, str, list, type(None))) else None


for line in sys.stdin:
    try:
        answer = {"value": run(json.loads(line))}
    except BaseException as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
