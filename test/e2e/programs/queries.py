"""Queries through psycopg: parameters make it speak PostgreSQL's extended protocol. Usage: queries.py URL"""

import sys
import time

import psycopg

with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    # A program that is gone before its start was noticed can not be seen.
    time.sleep(1)
    # Prepared by name from the sixth time on.
    for _ in range(8):
        connection.execute("SELECT quantity FROM order_lines WHERE order_id = %s", ["secret"]).fetchall()
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE order_lines SET quantity = %s WHERE order_id = %s", [(1, "a"), (2, "b"), (3, "c")])
    try:
        connection.execute("SELECT 1 / %s", [0])
    except psycopg.errors.DivisionByZero:
        pass
