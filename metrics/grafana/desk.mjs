import {board, lines, number, quantile, rising} from "./panels.mjs";

export default board({
  uid: "usher-desk",
  title: "Usher: desk and agents",
  text: "The work: what is open, what comes and goes, who is there, how texts are read, whether people are told.",
  rows: [
    [
      "Now",
      [
        number({title: "Open tickets", text: "Open, pending or on hold.", unit: "short", targets: [{expr: "sum (usher_tickets_open)"}]}),
        number({title: "Opened today", text: "In the last 24 hours.", unit: "short", decimals: 0, targets: [{expr: "sum (increase(usher_tickets_created_total[24h]))"}]}),
        number({title: "Resolved today", text: "In the last 24 hours.", unit: "short", decimals: 0, targets: [{expr: "sum (increase(usher_tickets_resolved_total[24h]))"}]}),
        number({title: "Agents online", text: "As their presence says.", unit: "short", steps: [[Number.NEGATIVE_INFINITY, "red"], [1, "green"]], targets: [{expr: "sum (usher_agents_online)"}]}),
        number({title: "Load", text: "Open tickets of those online over what they can take together.", unit: "percentunit", decimals: 0, steps: rising(0.8, 1), targets: [{expr: "max (usher_agent_load_ratio)"}]}),
        number({title: "Notifications waiting", text: "Not delivered yet.", unit: "short", steps: rising(20, 200), targets: [{expr: "sum (usher_outbox_pending)"}]}),
      ],
    ],
    [
      "Tickets",
      [
        lines({title: "Open by tier", text: "Open, pending or on hold.", unit: "short", stacked: true, targets: [{expr: "sum by (tier) (usher_tickets_open)", legend: "{{tier}}"}]}),
        lines({title: "Opened, resolved, opened again", text: "An hour.", unit: "short", targets: [{expr: "sum (rate(usher_tickets_created_total[$__rate_interval])) * 3600", legend: "opened"}, {expr: "sum (rate(usher_tickets_resolved_total[$__rate_interval])) * 3600", legend: "resolved"}, {expr: "sum (rate(usher_tickets_reopened_total[$__rate_interval])) * 3600", legend: "opened again"}]}),
        lines({title: "By category", text: "Opened an hour; the ten largest.", unit: "short", stacked: true, targets: [{expr: "topk(10, sum by (category) (rate(usher_tickets_created_total[$__rate_interval])) * 3600)", legend: "{{category}}"}]}),
        lines({title: "Messages", text: "A minute, by who writes and who may read.", unit: "short", targets: [{expr: "sum by (by, visibility) (rate(usher_messages_total[$__rate_interval])) * 60", legend: "{{by}}, {{visibility}}"}]}),
      ],
    ],
    [
      "People",
      [
        lines({title: "Agents and their load", text: "Online, and how full they are.", unit: "short", targets: [{expr: "sum (usher_agents_online)", legend: "online"}, {expr: "max (usher_agent_load_ratio) * 100", legend: "load, %"}]}),
        lines({title: "For how long the ladder waits", text: "The oldest level that nobody acknowledged.", unit: "s", steps: [[300, "red"]], targets: [{expr: "max by (level) (usher_escalations_oldest_unacknowledged_seconds)", legend: "level {{level}}"}]}),
        lines({title: "Levels without anybody", text: "Levels of the ladder that had nobody to reach, an hour.", unit: "short", steps: [[1, "red"]], targets: [{expr: "sum by (level) (increase(usher_escalations_reached_nobody_total[1h]))", legend: "level {{level}}"}]}),
      ],
    ],
    [
      "Telling people",
      [
        lines({title: "Notifications", text: "Tries a minute, by channel and how they ended.", unit: "short", targets: [{expr: "sum by (channel, outcome) (rate(usher_outbox_deliveries_total[$__rate_interval])) * 60", legend: "{{channel}} {{outcome}}"}]}),
        lines({title: "Oldest notification", text: "For how long it has waited. A page goes out at five minutes.", unit: "s", steps: [[300, "red"]], targets: [{expr: "max (usher_outbox_oldest_pending_seconds)", legend: "oldest"}]}),
        lines({title: "How soon notifications leave", text: "From the change that they tell of to their first try.", unit: "s", steps: [[1, "yellow"], [60, "red"]], targets: [0.5, 0.99].map((q) => ({expr: quantile(q, "usher_outbox_lateness_seconds", {over: "1h"}), legend: `p${q * 100}`}))}),
        lines({title: "Notifications that wait", text: "Not delivered yet.", unit: "short", targets: [{expr: "sum (usher_outbox_pending)", legend: "waiting"}]}),
      ],
    ],
    [
      "Reading texts",
      [
        lines({title: "Verdicts by how they came about", text: "A minute.", unit: "short", stacked: true, targets: [{expr: "sum by (method) (rate(usher_classifications_total[$__rate_interval])) * 60", legend: "{{method}}"}]}),
        lines({title: "Time to read a text", text: "99th percentile. It is part of every new ticket's answer.", unit: "s", steps: [[0.005, "red"]], targets: [{expr: quantile(0.99, "usher_classification_duration_seconds", {by: ["method"]}), legend: "{{method}}"}]}),
        lines({title: "Requests to a language model", text: "A minute, by how they ended. All 0 while none is set up.", unit: "short", targets: [{expr: "sum by (outcome) (rate(usher_llm_requests_total[$__rate_interval])) * 60", legend: "{{outcome}}"}]}),
      ],
    ],
  ],
});
