import {board, lines, number, quantile, rising, spread} from "./panels.mjs";

const creates = '{route="/api/support/tickets"}';

export default board({
  uid: "usher-wedding-saturday",
  title: "Usher: wedding Saturday",
  text: "The day itself, on a screen that everybody sees: what is at stake now, whether somebody has taken it, whether the desk keeps up.",
  from: "now-3h",
  refresh: "10s",
  rows: [
    [
      "At stake now",
      [
        number({title: "Emergencies", text: "Open tickets on a wedding day, or under the emergency protocol.", unit: "short", steps: rising(1, 5), targets: [{expr: "sum (usher_emergencies_active)"}]}),
        number({title: "Nobody has taken", text: "Emergencies that were told and not acknowledged.", unit: "short", steps: [[1, "red"]], targets: [{expr: 'sum (usher_escalations_unacknowledged{level="999"})'}]}),
        number({title: "Longest wait", text: "Of those. A page goes out at five minutes.", unit: "s", decimals: 0, steps: rising(120, 300), targets: [{expr: 'max (usher_escalations_oldest_unacknowledged_seconds{level="999"})'}]}),
        number({title: "Critical and open", text: "Tickets of priority critical.", unit: "short", steps: rising(10, 30), targets: [{expr: 'sum (usher_tickets_open{priority="critical"})'}]}),
        number({title: "Agents online", text: "Who can take something.", unit: "short", steps: [[Number.NEGATIVE_INFINITY, "red"], [1, "green"]], targets: [{expr: "sum (usher_agents_online)"}]}),
        number({title: "Their load", text: "Open tickets over what they can take together.", unit: "percentunit", decimals: 0, steps: rising(0.8, 1), targets: [{expr: "max (usher_agent_load_ratio)"}]}),
      ],
    ],
    [
      "What comes in",
      [
        lines({title: "New tickets by category", text: "A minute; the eight largest. One that rises alone is an outage.", unit: "short", stacked: true, targets: [{expr: "topk(8, sum by (category) (rate(usher_tickets_created_total[$__rate_interval])) * 60)", legend: "{{category}}"}]}),
        lines({title: "New tickets by channel", text: "A minute.", unit: "short", stacked: true, targets: [{expr: "sum by (channel) (rate(usher_tickets_created_total[$__rate_interval])) * 60", legend: "{{channel}}"}]}),
        lines({title: "Emergencies over the day", text: "Active, and told in the last hour.", unit: "short", targets: [{expr: "sum (usher_emergencies_active)", legend: "active"}, {expr: 'sum (increase(usher_escalations_total{level="999"}[1h]))', legend: "told in an hour"}]}),
        lines({title: "What waits for somebody", text: "Levels of the ladder that nobody has acknowledged.", unit: "short", stacked: true, targets: [{expr: "sum by (level) (usher_escalations_unacknowledged)", legend: "level {{level}}"}]}),
      ],
    ],
    [
      "Whether the desk keeps up",
      [
        lines({title: "Time to take a ticket in", text: "Promised: 200 ms at the 95th percentile, 500 ms at the 99th.", unit: "s", steps: [[0.2, "yellow"], [0.5, "red"]], targets: [0.5, 0.95, 0.99].map((q) => ({expr: quantile(q, "usher_http_request_duration_seconds", {where: creates}), legend: `p${q * 100}`}))}),
        spread({title: "Time to take a ticket in, spread", text: "Each column is the time of one step.", unit: "s", targets: [{expr: `sum by (le) (increase(usher_http_request_duration_seconds_bucket${creates}[$__rate_interval]))`}]}),
        lines({title: "Refusals", text: "429 and 503 a second: somebody sends too much, or the desk can't.", unit: "reqps", steps: [[1, "red"]], targets: [{expr: 'sum (rate(usher_http_requests_total{status=~"429|503"}[$__rate_interval])) or vector(0)', legend: "refused"}]}),
        lines({title: "Open tickets", text: "Open, pending or on hold, by priority.", unit: "short", stacked: true, targets: [{expr: "sum by (priority) (usher_tickets_open)", legend: "{{priority}}"}]}),
        lines({title: "Answers", text: "Public messages a minute, by who writes.", unit: "short", targets: [{expr: 'sum by (by) (rate(usher_messages_total{visibility="public"}[$__rate_interval])) * 60', legend: "{{by}}"}]}),
        lines({title: "Breaches", text: "A minute, by tier.", unit: "short", steps: [[1, "red"]], targets: [{expr: "sum by (tier) (rate(usher_sla_breaches_total[$__rate_interval])) * 60", legend: "{{tier}}"}]}),
      ],
    ],
  ],
});
