// Breaches made on purpose, seen by the real Prometheus and Alertmanager: in the query, as an alert, and at the receiver
// that the shipped configuration names. node alerts.mjs
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {readFileSync} from "node:fs";

import {WatchedDesk} from "./desk_calls.mjs";
import {eventually, Watchers} from "./watchers.mjs";

const desk = new WatchedDesk();
const watch = new Watchers();

const told = (path, alertname, more = {}) => {
  const wanted = Object.entries({path, alertname, status: "firing", ...more});
  return watch.receiver.told.some((one) => wanted.every(([name, value]) => one[name] === value));
};

/** The first samples have to be there: an increase is one against what was before. */
async function watched() {
  await eventually("Prometheus scrapes the desk", async () => (await watch.query('count_over_time(up{job="usher"}[1m]) >= 3')).length === 1);
  await eventually("the breach ratio is there, and 0", async () => {
    const ratios = await watch.query("tier_clock:usher_sla_breach_ratio:5m");
    return ratios.length === 12 && ratios.every(({value}) => value === 0);
  });
  for (const name of ["UsherEnterpriseBreach", "UsherLadderReachesNobody", "UsherEmergencyUnacknowledged"]) assert.deepEqual(await watch.firing(name), [], name);
  // A busy machine may miss a scrape; a desk that answers is up again with the next one.
  await eventually("the desk is up", async () => (await watch.firing("UsherDown")).length === 0);
}

/** A rule over a metric that no desk has would be quiet for ever. */
async function everyMetricIsThere() {
  const exposed = (await desk.send("GET", "/metrics")).text;
  const linted = spawnSync("promtool", ["check", "metrics"], {input: exposed, encoding: "utf8"});
  assert.equal(linted.status, 0, linted.stderr);
  assert.equal(linted.stderr + linted.stdout, "");
  const rules = ["alerts.yml", "recording.yml"].map((file) => readFileSync(new URL(`../../metrics/prometheus/rules/${file}`, import.meta.url), "utf8")).join("\n");
  const read = new Set([...rules.matchAll(/(?<![:\w])usher_\w+(?=[{[ ])/g)].map(([name]) => name));
  assert.ok(read.size >= 12, [...read].join());
  for (const name of read) assert.ok(exposed.includes(`# TYPE ${name.replace(/_(bucket|count)$/, "")} `), `no desk has ${name}`);
}

async function enterpriseBreach() {
  const customer = await desk.organization("0197a000-0000-7000-8000-0000000000e1", "ENTERPRISE");
  await desk.targets("ENTERPRISE", "high", 1, 86_400);
  await desk.ticket(customer);
  await eventually("the breach is in the query", async () => {
    const [ratio] = await watch.query('tier_clock:usher_sla_breach_ratio:5m{tier="ENTERPRISE", clock="first_response"}');
    return ratio?.value === 1;
  });
  const [alert] = await eventually("the alert fires", async () => {
    const all = await watch.firing("UsherEnterpriseBreach");
    return all.length > 0 && all;
  });
  assert.equal(alert.clock, "first_response");
  assert.equal(alert.priority, "high");
  await eventually("the pager is told", () => told("/page", "UsherEnterpriseBreach", {clock: "first_response"}));
}

/** The emergency protocol of a desk without specialists and without a channel. */
async function weddingDay() {
  const rule = (await desk.ask("GET", "/api/support/escalation/rules", desk.token("manager"))).data.find((one) => one.level === 999);
  const body = {percent: rule.percent, recipients: ["specialists"], ack_seconds: rule.ack_seconds, reassign: rule.reassign, channels: rule.channels};
  await desk.ask("PUT", "/api/support/escalation/rules/999", desk.token("manager"), body);
  const customer = await desk.organization("0197a000-0000-7000-8000-0000000000e2", "FREE");
  const {id} = await desk.ticket(customer);
  await desk.ask("POST", `/api/support/tickets/${id}/escalate`, desk.token("agent"), {level: 999, reason: "The florist has not come"});
  await eventually("the emergency is in the query", async () => (await watch.query("usher_emergencies_active"))[0]?.value === 1);
  await eventually("the people of the day are told, apart", () => told("/wedding-day", "UsherLadderReachesNobody", {level: "999"}));
  assert.ok(!told("/page", "UsherLadderReachesNobody", {level: "999"}), "a wedding day's page went to the pager as well");
}

async function gone() {
  await desk.stop();
  await eventually("the target is down", async () => (await watch.firing("UsherDown")).length === 1);
  await eventually("the pager is told that it is", () => told("/page", "UsherDown"));
}

let failed = true;
try {
  await desk.start("--log-level", "warn");
  await watch.start(desk.url.href);
  await watched();
  await everyMetricIsThere();
  await enterpriseBreach();
  await weddingDay();
  await gone();
  failed = false;
} finally {
  await watch.stop();
  await desk.end(failed);
}
console.log("watched");
