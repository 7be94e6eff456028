import {board, lines, number, quantile, rising, spread} from "./panels.mjs";

const good = [[Number.NEGATIVE_INFINITY, "red"], [1, "green"]];

export default board({
  uid: "usher-engine-room",
  title: "Usher: engine room",
  text: "The machine: requests, commits, actors, timers, memory.",
  from: "now-1h",
  rows: [
    [
      "Now",
      [
        number({title: "Reachable", text: "Desks that Prometheus can read.", unit: "short", steps: good, targets: [{expr: 'sum (up{job="usher"})'}]}),
        number({title: "Ready", text: "Desks that serve.", unit: "short", steps: good, targets: [{expr: "sum (usher_ready)"}]}),
        number({title: "Database", text: "Desks whose database answers.", unit: "short", steps: good, targets: [{expr: "sum (usher_store_reachable)"}]}),
        number({title: "5xx", text: "Share of the requests in five minutes.", unit: "percentunit", decimals: 2, steps: rising(0.001, 0.01), targets: [{expr: "max (instance:usher_http_errors:ratio5m)"}]}),
        number({title: "Up since", text: "The process's age.", unit: "s", decimals: 0, targets: [{expr: "time() - max (process_start_time_seconds{job=\"usher\"})"}]}),
        number({title: "Build", text: "Versions that run.", unit: "short", targets: [{expr: "count by (version, commit) (usher_build_info)", legend: "{{version}} {{commit}}"}]}),
      ],
    ],
    [
      "Requests",
      [
        lines({title: "Requests by route", text: "The ten busiest, a second.", unit: "reqps", stacked: true, targets: [{expr: "topk(10, sum by (method, route) (rate(usher_http_requests_total[$__rate_interval])))", legend: "{{method}} {{route}}"}]}),
        lines({title: "Requests by status", text: "A second.", unit: "reqps", stacked: true, targets: [{expr: "sum by (status) (rate(usher_http_requests_total[$__rate_interval]))", legend: "{{status}}"}]}),
        lines({title: "Time to answer", text: "All routes together.", unit: "s", steps: [[0.2, "yellow"], [0.5, "red"]], targets: [0.5, 0.95, 0.99].map((q) => ({expr: quantile(q, "usher_http_request_duration_seconds"), legend: `p${q * 100}`}))}),
        spread({title: "Time to answer, spread", text: "All routes together.", unit: "s", targets: [{expr: "sum by (le) (increase(usher_http_request_duration_seconds_bucket[$__rate_interval]))"}]}),
      ],
    ],
    [
      "The store",
      [
        lines({title: "Time of a commit", text: "From a batch's first statement to its COMMIT.", unit: "s", steps: [[0.25, "red"]], targets: [0.5, 0.99].map((q) => ({expr: quantile(q, "usher_store_commit_duration_seconds"), legend: `p${q * 100}`}))}),
        lines({title: "Writes in a commit", text: "On average. It rises with the load: that is how a slow disk is met.", unit: "short", targets: [{expr: "sum (rate(usher_store_batch_size_sum[$__rate_interval])) / sum (rate(usher_store_batch_size_count[$__rate_interval]))", legend: "writes"}]}),
        lines({title: "Commits", text: "A second.", unit: "ops", targets: [{expr: "sum (rate(usher_store_commit_duration_seconds_count[$__rate_interval]))", legend: "commits"}]}),
        lines({title: "Writes that wait", text: "For a lane.", unit: "short", steps: [[1000, "red"]], targets: [{expr: "sum (usher_store_queue_depth)", legend: "waiting"}]}),
      ],
    ],
    [
      "Actors and timers",
      [
        lines({title: "Actors", text: "Alive, by kind.", unit: "short", targets: [{expr: "sum by (kind) (usher_actors_live)", legend: "{{kind}}"}]}),
        lines({title: "Restarts", text: "After a crash, in ten minutes.", unit: "short", steps: [[1, "red"]], targets: [{expr: "sum by (kind) (increase(usher_actor_restarts_total[10m]))", legend: "{{kind}}"}]}),
        lines({title: "Timers", text: "Armed, and how many go off a second.", unit: "short", targets: [{expr: "sum (usher_sla_timers_armed)", legend: "armed"}, {expr: "sum (rate(usher_sla_timer_lateness_seconds_count[$__rate_interval]))", legend: "go off"}]}),
        lines({title: "Audits of the clocks", text: "Comparisons and differences in an hour. There have to be no differences.", unit: "short", steps: [[1, "red"]], targets: [{expr: "sum (increase(usher_sla_audits_total[1h]))", legend: "comparisons"}, {expr: "sum (increase(usher_sla_audit_differences_total[1h]))", legend: "differences"}]}),
      ],
    ],
    [
      "The process",
      [
        lines({title: "CPU", text: "Cores in use.", unit: "short", targets: [{expr: 'sum (rate(process_cpu_seconds_total{job="usher"}[$__rate_interval]))', legend: "cores"}]}),
        lines({title: "Memory", text: "Resident.", unit: "bytes", targets: [{expr: 'sum (process_resident_memory_bytes{job="usher"})', legend: "resident"}]}),
        lines({title: "Memory of a live ticket", text: "Resident memory over tickets alive: what another one costs, once there are many.", unit: "bytes", targets: [{expr: 'sum (process_resident_memory_bytes{job="usher"}) / sum (usher_actors_live{kind="ticket"} > 0)', legend: "each"}]}),
        lines({title: "Open files", text: "And how many may be.", unit: "short", targets: [{expr: 'sum (process_open_fds{job="usher"})', legend: "open"}, {expr: 'sum (process_max_fds{job="usher"})', legend: "limit"}]}),
      ],
    ],
  ],
});
