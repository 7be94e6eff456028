import {atLeast, board, dial, lines, number, quantile, rising, spread, tierChoice} from "./panels.mjs";

const tiers = '{tier=~"$tier"}';
/** The share of decided clocks that were breached; 0 when none was decided. */
const ratio = (window, by) => {
  const sum = (name) => `sum${by ? ` by (${by})` : ""} (tier_clock:usher_sla_${name}:increase${window}${tiers})`;
  return `${sum("breaches")} / (${sum("decided")} > 0) or ${sum("decided")} * 0`;
};
const promise = rising(0.03, 0.05);
const spent = `sum (increase(usher_sla_breaches_total${tiers}[30d]))`;
const decided = `(${spent} + sum (increase(usher_sla_clocks_met_total${tiers}[30d])))`;

export default board({
  uid: "usher-sla",
  title: "Usher: SLA",
  text: "Whether the promises are kept: breach rates, the budget that is left, how much of their targets clocks use.",
  from: "now-24h",
  variables: [tierChoice()],
  rows: [
    [
      "The promise: fewer than one clock in twenty is breached",
      [
        number({title: "Breach rate, last hour", text: "Of the clocks that were met or breached in the last hour, those that were breached.", unit: "percentunit", decimals: 1, steps: promise, targets: [{expr: ratio("1h")}]}),
        number({title: "Breach rate, last day", text: "The same over a day.", unit: "percentunit", decimals: 1, steps: promise, targets: [{expr: ratio("1d")}]}),
        number({title: "Breach rate, three days", text: "The same over three days.", unit: "percentunit", decimals: 1, steps: promise, targets: [{expr: ratio("3d")}]}),
        dial({title: "Budget left, 30 days", text: "1 is a month without a breach, 0 is 5 % of the clocks breached.", unit: "percentunit", decimals: 0, min: 0, max: 1, steps: [...atLeast(0.25)], targets: [{expr: `1 - ${spent} / clamp_min(${decided}, 1) / 0.05`}]}),
        number({title: "ENTERPRISE breaches, today", text: "Each is a page.", unit: "short", decimals: 0, steps: [[1, "red"]], targets: [{expr: 'sum (increase(usher_sla_breaches_total{tier="ENTERPRISE"}[24h]))'}]}),
        number({title: "Clocks decided, last hour", text: "Met or breached: how much the rates rest on.", unit: "short", decimals: 0, targets: [{expr: `sum (tier_clock:usher_sla_decided:increase1h${tiers})`}]}),
      ],
    ],
    [
      "Where it is broken",
      [
        lines({title: "Breach rate by clock, over an hour", text: "The line is the promise.", unit: "percentunit", steps: [[0.05, "red"]], targets: [{expr: ratio("1h", "clock"), legend: "{{clock}}"}]}),
        lines({title: "Breach rate by tier, over a day", text: "The line is the promise.", unit: "percentunit", steps: [[0.05, "red"]], targets: [{expr: ratio("1d", "tier"), legend: "{{tier}}"}]}),
        lines({title: "Burn rate by clock", text: "How many times faster than allowed the budget is used; the lines are those of the alerts.", unit: "none", steps: [[1, "green"], [6, "yellow"], [14.4, "red"]], targets: [{expr: "clock:usher_sla_breach_ratio:1h / 0.05", legend: "{{clock}} over an hour"}, {expr: "clock:usher_sla_breach_ratio:6h / 0.05", legend: "{{clock}} over six"}]}),
        lines({title: "Breaches by tier and priority", text: "A minute.", unit: "short", stacked: true, targets: [{expr: `sum by (tier, priority) (rate(usher_sla_breaches_total${tiers}[$__rate_interval])) * 60`, legend: "{{tier}} {{priority}}"}]}),
      ],
    ],
    [
      "How near to the target",
      [
        spread({title: "Share of the target used when the clock stopped", text: "0.75, 0.9, 1 and 1.25 are the levels of the ladder.", unit: "percentunit", targets: [{expr: `sum by (le) (increase(usher_sla_consumed_ratio_bucket${tiers}[$__rate_interval]))`}]}),
        lines({title: "Share of the target used, 90th percentile", text: "Over an hour, by clock.", unit: "percentunit", steps: [[0.9, "yellow"], [1, "red"]], targets: [{expr: quantile(0.9, "usher_sla_consumed_ratio", {by: ["clock"], where: tiers, over: "1h"}), legend: "{{clock}}"}]}),
        lines({title: "First response, median and 90th percentile", text: "Time that counted, over an hour, by tier.", unit: "s", targets: [{expr: quantile(0.5, "usher_sla_clock_duration_seconds", {by: ["tier"], where: '{clock="first_response", tier=~"$tier"}', over: "1h"}), legend: "{{tier}} p50"}, {expr: quantile(0.9, "usher_sla_clock_duration_seconds", {by: ["tier"], where: '{clock="first_response", tier=~"$tier"}', over: "1h"}), legend: "{{tier}} p90"}]}),
        lines({title: "Clocks started and met", text: "A minute, by clock.", unit: "short", targets: [{expr: `sum by (clock) (rate(usher_sla_clocks_started_total${tiers}[$__rate_interval])) * 60`, legend: "{{clock}} started"}, {expr: `sum by (clock) (rate(usher_sla_clocks_met_total${tiers}[$__rate_interval])) * 60`, legend: "{{clock}} met"}]}),
      ],
    ],
    [
      "The ladder",
      [
        lines({title: "Levels told", text: "A minute.", unit: "short", stacked: true, targets: [{expr: "sum by (level) (rate(usher_escalations_total[$__rate_interval])) * 60", legend: "level {{level}}"}]}),
        lines({title: "How late timers and levels are, 99th percentile", text: "Breaches are recorded at their deadline whatever this says.", unit: "s", steps: [[1, "red"]], targets: [{expr: "instance:usher_sla_timer_lateness:p99_5m", legend: "timers"}, {expr: quantile(0.99, "usher_escalation_lateness_seconds", {over: "5m"}), legend: "levels"}]}),
      ],
    ],
  ],
});
