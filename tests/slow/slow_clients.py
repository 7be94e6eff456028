#!/usr/bin/env python3
"""A running desk that thousands of slow clients hang on to, while the smoke run goes through it.

    slow_clients.py --programs DIR

slowhttptest sends slow headers, sends slow bodies and reads slowly, a thousand connections each and all three at once.
The thresholds of the smoke run have to hold meanwhile, the desk has to stay available to slowhttptest's own probes, and
every slow client has to be cut: after 10 s of a header, 30 s of a body, 60 s of an answer. Prints a figure a line: name,
value, unit. Exits 1 and says why when something did not hold.
"""
import argparse
import csv
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

CONNECTIONS = 1000
SECONDS = 75  # the slowest are cut after a minute, and it takes some seconds to connect them all
SPARE = 20  # connections that the desk may hold for others
MODES = {
    "headers": (["-H", "-i", "3", "-x", "24"], "/livez", 20),
    "body": (["-B", "-i", "3", "-s", "65536", "-t", "POST", "-f", "application/json"], "/csat/a", 45),
    # A file of over a megabyte, a few bytes every three seconds.
    "read": (["-X", "-t", "GET", "-k", "3", "-n", "3", "-w", "64", "-y", "128", "-z", "16"], "/docs/swagger-ui-bundle.js", 75),
}


def start_desk(args):
    data = args.work / "data"
    out = open(args.work / "desk.out", "w+")
    desk = subprocess.Popen(
        [args.programs / "usher", "serve", "--listen", "127.0.0.1:0", "--data", data, "--log-level", "warn",
         "--rate-limit-address", "0", "--rate-limit-caller", "0", "--rate-limit-organization", "0"],
        stdout=out, stderr=open(args.work / "desk.err", "w"))
    for _ in range(1200):
        found = re.search(r"^listening on (\S+)$", (args.work / "desk.out").read_text(), re.MULTILINE)
        if found:
            return desk, found.group(1), data
        if desk.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit("the desk did not start\n" + (args.work / "desk.err").read_text()[-2000:])


def attack(args, url, name):
    mode, path, _ = MODES[name]
    return subprocess.Popen(
        ["slowhttptest", *mode, "-c", str(CONNECTIONS), "-r", "500", "-l", str(SECONDS), "-p", "5", "-u", url + path,
         "-v", "1", "-g", "-o", args.work / name],
        stdout=open(args.work / f"{name}.out", "w"), stderr=subprocess.STDOUT)


def rows_of(args, name):
    """Of each second: how many connections were closed, pending and open, and whether a probe was answered."""
    with open(args.work / f"{name}.csv", newline="") as file:
        return [[int(cell) for cell in row[:5]] for row in csv.reader(file) if row and row[0].strip().isdigit()]


def connections_of(desk):
    """How many the desk holds. A slow reader goes on reading from its own kernel long after it was cut."""
    count = 0
    for each in os.scandir(f"/proc/{desk.pid}/fd"):
        try:
            count += os.readlink(each.path).startswith("socket:")
        except FileNotFoundError:
            pass  # closed meanwhile
    return count


def wait_until_cut(desk, begun, before):
    while connections_of(desk) > before + SPARE and time.monotonic() < begun + SECONDS + 10:
        time.sleep(0.5)
    return time.monotonic() - begun


def judge_attack(args, name, all_cut_after):
    rows = rows_of(args, name)
    limit = MODES[name][2]
    most = max(row[3] for row in rows)
    last = next((row[0] for row in reversed(rows) if row[3] > 0), 0) if name != "read" else round(all_cut_after)
    unserved = sum(row[4] == 0 for row in rows)
    print(f"slow_{name}_connections {most} connections")
    print(f"slow_{name}_all_cut_after {last} s")
    print(f"slow_{name}_unserved {unserved} probes")
    wrong = []
    if most < CONNECTIONS * 0.9:
        wrong.append(f"{name}: only {most} slow clients were connected at once")
    if last > limit:
        wrong.append(f"{name}: a slow client was still connected after {last} s")
    if unserved:
        wrong.append(f"{name}: slowhttptest got no answer {unserved} times")
    return wrong


def judge_smoke(args):
    told = json.loads((args.work / "smoke.json").read_text())
    create = next(step for step in told["steps"] if step["name"] == "create")["duration"]
    print(f"slow_smoke_create_p95 {create['p95_ms']:.4g} ms")
    print(f"slow_smoke_create_p99 {create['p99_ms']:.4g} ms")


def judge(args, smoke, all_cut_after):
    wrong = []
    if smoke.returncode != 0:
        wrong.append("the thresholds of the smoke run did not hold:\n" + smoke.stdout[-3000:] + smoke.stderr[-1000:])
    judge_smoke(args)
    for name in MODES:
        wrong += judge_attack(args, name, all_cut_after)
    return wrong


def run(args):
    desk, url, data = start_desk(args)
    slow = []
    before = connections_of(desk)
    begun = time.monotonic()
    try:
        slow = [attack(args, url, name) for name in MODES]
        time.sleep(3)
        smoke = subprocess.run(
            [args.programs / "usher-load", "run", "smoke", "--target", url, "--tokens-from", data,
             "--summary", args.work / "smoke.json"], capture_output=True, text=True, timeout=300)
        all_cut_after = wait_until_cut(desk, begun, before)
        for each in slow:
            each.wait(timeout=SECONDS + 60)
    finally:
        for each in slow:
            each.kill()
        desk.send_signal(signal.SIGTERM)
        desk.wait(timeout=60)
    return judge(args, smoke, all_cut_after)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="usher-slow-", dir="/var/tmp") as work:
        args.work = pathlib.Path(work)
        args.work.chmod(0o755)  # the embedded PostgreSQL may be another user
        wrong = run(args)
    if wrong:
        sys.exit("\n".join(wrong))


main()
