#!/usr/bin/env python3
"""Whether the time of an answer tells another's ticket from none: script/bench runs it.

    oracle.py --programs DIR --url URL --data DIR [--requests N]

A customer asks for tickets of another organization and for ids that nobody has, and writes to them, in random order over
one connection. Prints a figure a line: name, value, unit. `oracle_told_apart` is how often a guesser who calls the slower one
of two answers the other organization's is right: 50 % is a coin.
"""
import argparse
import http.client
import json
import random
import statistics
import subprocess
import time
import urllib.parse
import uuid

OURS, THEIRS = "0197a000-0000-7000-8000-0000000000aa", "0197a000-0000-7000-8000-0000000000bb"


class Asker:
    def __init__(self, args):
        self.args = args
        where = urllib.parse.urlparse(args.url)
        self.connection = http.client.HTTPConnection(where.hostname, where.port)

    def token(self, role, organization=None):
        more = ["--org", organization] if organization else []
        command = [f"{self.args.programs}/usher", "token", "--role", role, "--sub", role, "--data", self.args.data, *more]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def ask(self, method, path, token, body=None):
        headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": "application/json"} if body else {})
        begun = time.perf_counter_ns()
        self.connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, text, time.perf_counter_ns() - begun


def unknown_like(known):
    """An id of the same age: what it says of its time is the same."""
    made = uuid.UUID(known).int & ~((1 << 62) - 1) | random.getrandbits(62)
    return str(uuid.UUID(int=made))


def told_apart(slow, fast):
    """The share of pairs in which the first is the slower one."""
    ranked = sorted([(t, 1) for t in slow] + [(t, 0) for t in fast])
    ranks = sum(rank for rank, (_, is_slow) in enumerate(ranked, 1) if is_slow)
    return (ranks - len(slow) * (len(slow) + 1) / 2) / (len(slow) * len(fast))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("programs", "url", "data"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--requests", type=int, default=20000)
    args = parser.parse_args()
    asker = Asker(args)
    admin, us, them = asker.token("admin"), asker.token("requester", OURS), asker.token("requester", THEIRS)
    for each in (OURS, THEIRS):
        asker.ask("PUT", f"/api/support/organizations/{each}", admin, {"name": "A house", "tier": "FREE", "time_zone": "UTC"})
    live = [json.loads(asker.ask("POST", "/api/support/tickets", them, {"subject": "Cake", "body": "Where is it?"})[1])["id"] for _ in range(50)]
    closed = live[25:]
    for each in closed:
        asker.ask("PATCH", f"/api/support/tickets/{each}", admin, {"status": "resolved"})
        asker.ask("PATCH", f"/api/support/tickets/{each}", admin, {"status": "closed"})
    kinds = {"foreign_live": lambda: random.choice(live[:25]), "foreign_closed": lambda: random.choice(closed), "unknown": lambda: unknown_like(random.choice(live))}
    calls = {"get": lambda id: ("GET", f"/api/support/tickets/{id}", us), "reply": lambda id: ("POST", f"/api/support/tickets/{id}/messages", us, {"body": "Hello?"})}
    took = {(call, kind): [] for call in calls for kind in kinds}
    for _ in range(args.requests):
        call, kind = random.choice(list(took))
        status, _, ns = asker.ask(*calls[call](kinds[kind]()))
        assert status == 404, status
        took[call, kind].append(ns / 1000)
    for (call, kind), times in took.items():
        print(f"oracle_{call}_{kind}_p50 {statistics.median(times):.1f} us")
    for call in calls:
        for kind in ("foreign_live", "foreign_closed"):
            print(f"oracle_{call}_{kind}_told_apart {100 * told_apart(took[call, kind], took[call, 'unknown']):.1f} %")


main()
