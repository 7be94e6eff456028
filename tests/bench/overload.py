#!/usr/bin/env python3
"""A desk that is offered more than it can do: script/bench runs it.

    overload.py --programs DIR --url URL --data DIR --work DIR [--seconds N]

Plays tests/bench/overload.toml in an open model: at a tenth of what the desk can do, then more and more until what is
done no longer rises (its peak), then twice and five times that peak. Prints a figure a line: name, value, unit.
Durations of creates run from the sending on: at five times its own capacity, too, the generator waits for connections.
"""
import argparse
import json
import pathlib
import subprocess
import sys

RATE = 100  # of the scenario, at a scale of 1
FIRST_STEP = 12.0
CLIMB = 1.6
OVERS = (2, 5)


def play(args, scale, name):
    summary = pathlib.Path(args.work) / f"overload-{name}.json"
    command = [f"{args.programs}/usher-load", "run", str(pathlib.Path(__file__).with_suffix(".toml")), "--target", args.url]
    command += ["--tokens-from", args.data, "--duration", f"{args.seconds}s", "--scale", f"{scale:g}", "--summary", str(summary)]
    command += ["--database", f"host={args.data}/run port=5432 dbname=usher user=postgres"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 99):
        sys.exit(f"usher-load ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    told = json.loads(summary.read_text())
    result = {
        "done": good(told),
        "p50": create(told)["duration"]["p50_ms"],
        "p99": create(told)["duration"]["p99_ms"],
        "service_p99": create(told)["service"]["p99_ms"] if create(told).get("service") else 0,
        "refused": 100 * told["all"]["outcomes"]["refused"] / max(1, told["all"]["requests"]),
        "refused_p99": told["all"]["refused"]["p99_ms"] if told["all"]["refused"] else 0,
        "failed": sum(told["all"]["outcomes"][each] for each in ("unplanned", "timed_out", "cut")),
        "lost": told["kept"]["lost"],
    }
    late = " (the generator was late)" if told["generator"]["is_bottleneck"] else ""
    print(f"   {name}: {RATE * scale:.0f}/s offered, {json.dumps(result)}{late}", file=sys.stderr)
    return result


def create(told):
    return next(one for one in told["steps"] if one["name"] == "create")


def good(told):
    """Requests a second that were answered as planned, without the first seconds and the last one."""
    rates = [point["planned"] for point in told["series"]][3:-1]
    return sum(rates) / max(1, len(rates))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("programs", "url", "data", "work"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--seconds", type=int, default=10)
    args = parser.parse_args()
    calm = play(args, 1, "calm")
    peak, scale = calm, FIRST_STEP
    while True:
        more = play(args, scale, f"climb-{scale:g}")
        if more["done"] < peak["done"] * 1.1:
            break
        peak, scale = more, scale * CLIMB
    best = max(peak["done"], more["done"])
    print(f"overload_calm_create_p99 {calm['p99']:.4g} ms")
    print(f"overload_peak {best:.0f} 1/s")
    for times in OVERS:
        over = play(args, times * best / RATE, f"{times}x")
        print(f"overload_{times}x_goodput {100 * over['done'] / best:.3g} %")
        print(f"overload_{times}x_create_p99 {over['service_p99']:.4g} ms")
        print(f"overload_{times}x_refused {over['refused']:.3g} %")
        print(f"overload_{times}x_refused_p99 {over['refused_p99']:.4g} ms")
        print(f"overload_{times}x_failed {over['failed']} requests")
        print(f"overload_{times}x_lost {over['lost']} writes")


main()
