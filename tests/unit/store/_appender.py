"""Appends from many threads until it is killed; says which ids it sends, and which were acknowledged.

    python _appender.py WHERE PREFIX kept|early

`early` is the control: it acknowledges what is merely on its way, as a server would that answers before the commit.
"""

import os
import sys
import threading

from motet.store import Event, open_store

THREADS = 16
AHEAD = 30


def say(word, id):
    os.write(1, f"{word} {id}\n".encode())  # one write is one whole line, also when the next never comes


def send(store, prefix, thread, early):
    number = 0
    while True:
        ids = [f"{prefix}-{thread}-{number + step}" for step in range(AHEAD if early else 1)]
        number += len(ids)
        for id in ids:
            say("sent", id)
        promises = [store.submit([Event(id, f"user{thread}", "lamp", text="some words")]) for id in ids]
        if early:
            for id in ids:
                say("done", id)
        for id, promise in zip(ids, promises, strict=True):
            assert promise.result()[0].status == "saved"
            if not early:
                say("done", id)


def main(where, prefix, mode):
    store = open_store(where)
    threads = [
        threading.Thread(target=send, args=(store, prefix, thread, mode == "early")) for thread in range(THREADS)
    ]
    for thread in threads:
        thread.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
