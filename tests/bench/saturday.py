#!/usr/bin/env python3
"""The wedding Saturday against a running desk, squeezed in time: script/bench runs it.

    saturday.py search  --programs DIR --url URL --data DIR --work DIR [--seconds N]
    saturday.py measure --programs DIR --url URL --data DIR --work DIR [--seconds N] --scale S

`search` prints the highest --scale at which every threshold of the scenario holds (p95 of creates under 200 ms and p99
under 500, nothing lost, refusals under 1 %). `measure` plays that scale and its double on a fresh desk and prints a figure
a line: name, value, unit.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import urllib.request

SCALE_MAX = 64
BISECTIONS = 2
# The day's promises are squeezed as the day is, so that clocks run out while it lasts. Seconds of the contract's table.
SQUEEZE = 240
HOUR = 3600
TARGETS = {
    "ENTERPRISE": [(0.5, 4), (1, 8), (4, 24), (8, 48)],
    "PROFESSIONAL": [(2, 12), (4, 24), (8, 48), (24, 72)],
    "STARTER": [(4, 24), (8, 48), (24, 72), (48, 120)],
    "FREE": [(24, 72), (24, 96), (48, 120), (72, 168)],
}
PRIORITIES = ["critical", "high", "medium", "low"]


def token(args, role):
    command = [f"{args.programs}/usher", "token", "--role", role, "--sub", f"bench-{role}", "--data", args.data]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def put(args, path, body, bearer):
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    request = urllib.request.Request(args.url + path, json.dumps(body).encode(), headers, method="PUT")
    urllib.request.urlopen(request, timeout=30).read()


def squeeze_targets(args):
    manager = token(args, "manager")
    for tier, row in TARGETS.items():
        for priority, (first, resolution) in zip(PRIORITIES, row):
            seconds = [max(1, round(hours * HOUR / SQUEEZE)) for hours in (first, first, resolution)]
            names = ["first_response_seconds", "next_response_seconds", "resolution_seconds"]
            put(args, f"/api/support/sla/policies/{tier}/{priority}", dict(zip(names, seconds), calendar_id=None), manager)


def squeezed_scenario(args):
    """The shipped scenario with its outage as much shorter as the day is: the rates stay what they are."""
    shown = subprocess.run([f"{args.programs}/usher-load", "show", "wedding-saturday"], check=True, capture_output=True, text=True)
    text = shown.stdout
    day = sum(int(seconds) for seconds in re.findall(r'^duration = "(\d+)s"$', text, re.M))
    count = re.search(r"^count = (\d+)$", text, re.M)
    text = text.replace(count[0], f"count = {max(1, round(int(count[1]) * args.seconds / day))}")
    path = pathlib.Path(args.work) / "squeezed-saturday.toml"
    path.write_text(text)
    return str(path)


def play(args, scale, name):
    """One run; its summary, and whether every threshold held."""
    summary = pathlib.Path(args.work) / f"{name}.json"
    command = [f"{args.programs}/usher-load", "run", squeezed_scenario(args), "--target", args.url, "--tokens-from", args.data]
    command += ["--duration", f"{args.seconds}s", "--scale", str(scale), "--summary", str(summary)]
    command += ["--database", f"host={args.data}/run port=5432 dbname=usher user=postgres"]
    command += ["--report", str(summary.with_suffix(".html"))]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 99):
        sys.exit(f"usher-load ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    told = json.loads(summary.read_text())
    crossed = [one["expression"] for one in told["thresholds"] if not one["ok"]]
    late = " (the generator was late)" if told["generator"]["is_bottleneck"] else ""
    print(f"   scale {scale:g}: {'holds' if not crossed else 'crossed: ' + ', '.join(crossed)}{late}", file=sys.stderr)
    return told, not crossed


def search(args):
    squeeze_targets(args)
    best, worst = 0, None
    scale = 1.0
    while worst is None and scale <= SCALE_MAX:
        if play(args, scale, f"search-{scale:g}")[1]:
            best, scale = scale, scale * 2
        else:
            worst = scale
    if worst is not None and best == 0:
        best = worst / 2
    for _ in range(BISECTIONS if worst else 0):
        middle = round((best * worst) ** 0.5, 2)
        if play(args, middle, f"search-{middle:g}")[1]:
            best = middle
        else:
            worst = middle
    print(f"{best:g}")


def creates(told):
    """The figures of the step `create`, by customers."""
    return next(one for one in told["steps"] if one["name"] == "create")


def peak(told):
    """Requests a second that were answered as planned, over the best five seconds."""
    rates = [point["planned"] for point in told["series"]]
    return max(sum(rates[i : i + 5]) / len(rates[i : i + 5]) for i in range(max(1, len(rates) - 4)))


def share(part, whole):
    return 100 * part / whole if whole else 0


def figures(told, prefix):
    step, kept, server, everything = creates(told), told["kept"], told["server"], told["all"]
    journeys = max(point["planned_rate"] for point in told["series"])
    yield "journeys_per_second", journeys, "1/s"
    yield "requests_per_second", peak(told), "1/s"
    yield "create_p95", step["duration"]["p95_ms"], "ms"
    yield "create_p99", step["duration"]["p99_ms"], "ms"
    yield "refused", share(everything["outcomes"]["refused"], everything["requests"]), "%"
    if everything["refused"]:
        yield "refused_p99", everything["refused"]["p99_ms"], "ms"
    yield "failed", sum(everything["outcomes"][name] for name in ("unplanned", "timed_out", "cut")), "requests"
    yield "kept", kept["tickets"] + kept["messages"], "writes"
    yield "lost", kept["lost"] if kept["lost"] is not None else -1, "writes"
    if told["recovery_seconds"] is not None:
        yield "recovery", told["recovery_seconds"], "s"
    yield "breaches", server["breaches"], "clocks"
    yield "escalations", server["escalations"], "levels"
    yield "late_p99", 1000 * (server["lateness_p99_seconds"] or 0), "ms"
    yield "memory_before", server["memory_before_bytes"] / 2**20, "MiB"
    yield "memory_after", server["memory_after_bytes"] / 2**20, "MiB"


def measure(args):
    squeeze_targets(args)
    for prefix, scale in (("saturday", args.scale), ("saturday_twice", 2 * args.scale)):
        told, _ = play(args, scale, prefix)
        for name, value, unit in figures(told, prefix):
            print(f"{prefix}_{name} {round(value, 2):g} {unit}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["search", "measure"])
    for name in ("programs", "url", "data", "work"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--scale", type=float, default=1)
    args = parser.parse_args()
    (search if args.what == "search" else measure)(args)


main()
