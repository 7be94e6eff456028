// A wedding today freezes what tickets are timed and routed by, until its ticket is gone again.
import assert from "node:assert/strict";
import {setTimeout as delay} from "node:timers/promises";

import {organization} from "./live_work.mjs";

const api = "/api/support";
const reason = "The planner of today's wedding waits on the phone";

/** Today and tomorrow, so that no midnight comes between. */
export const frozenDays = [0, 1].map((days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)).join(",");

export async function frozenDay(run) {
  const admin = run.desk.token("admin", "admin-freeze", "");
  const supervisor = run.desk.token("supervisor", "supervisor-freeze", "");
  const customer = run.desk.token("requester", "customer-freeze", organization);
  const state = async () => (await run.ask(`GET ${api}/freeze`, {as: customer, expect: 200})).json;
  assert.deepEqual([(await state()).frozen, (await state()).until], [false, null]);

  const wedding = {at: new Date().toISOString(), time_zone: "UTC"};
  const made = await run.ask(`POST ${api}/tickets`, {as: customer, body: {subject: "Seating", body: "Which file?", wedding}, expect: 201});
  const frozen = await state();
  assert.equal(frozen.frozen, true);
  assert.ok(frozen.reason.includes("UTC (1)") && frozen.until > new Date().toISOString());

  const office = {name: "Freeze", time_zone: "UTC", weekly: {mon: [["09:00", "12:30"]]}};
  const held = [
    [`PUT ${api}/sla/policies/{tier}/{priority}`, `${api}/sla/policies/FREE/low`, {first_response_seconds: 90}],
    [`POST ${api}/sla/calendars`, `${api}/sla/calendars`, office],
    [`PUT ${api}/sla/calendars/{id}`, `${api}/sla/calendars/${run.calendar}`, {holidays: ["2026-12-26"]}],
    [`PUT ${api}/escalation/rules/{level}`, `${api}/escalation/rules/2`, {percent: 86}],
    [`POST ${api}/sla/policies/apply`, `${api}/sla/policies/apply`, {dry_run: false}],
    [`POST ${api}/ai/patterns`, `${api}/ai/patterns`, {id: "house.freeze", category: "rsvp", pattern: "\\bplus one\\b", weight: 1, language: "any"}],
    [`PUT ${api}/ai/patterns/{id}`, `${api}/ai/patterns/${run.pattern}`, {weight: 1.5}],
    [`DELETE ${api}/ai/patterns/{id}`, `${api}/ai/patterns/${run.pattern}`, undefined],
    [`POST ${api}/webhooks/{id}/secrets`, `${api}/webhooks/${run.webhook}/secrets`, {}],
    [`DELETE ${api}/webhooks/{id}/secrets`, `${api}/webhooks/${run.webhook}/secrets`, undefined],
    [`POST ${api}/api-keys`, `${api}/api-keys`, {name: "Freeze", role: "agent"}],
    [`DELETE ${api}/api-keys/{id}`, `${api}/api-keys/${run.apiKey}`, undefined],
  ];
  for (const [name, path, body] of held) {
    const refused = await run.ask(name, {path, as: admin, body, expect: 423});
    assert.ok(Number(refused.headers["retry-after"]) > 0, name);
  }
  // Nobody below a manager has a hammer, and a reason has to say something.
  const [name, path, body] = held[5];
  await run.ask(name, {path, as: supervisor, body, headers: {"X-Break-Glass": reason}, expect: 423});
  await run.ask(name, {path, as: admin, body, headers: {"X-Break-Glass": "because"}, expect: 422});

  const calendars = held[1];
  const broken = await run.ask(calendars[0], {path: calendars[1], as: admin, body: office, headers: {"X-Break-Glass": reason}, expect: 201});
  const told = async () => {
    const alerts = await run.ask(`GET ${api}/alerts`, {as: supervisor, query: "?acknowledged=false&level=critical", expect: 200});
    return alerts.json.data.some((alert) => alert.kind === "freeze_broken" && alert.detail.includes(reason));
  };
  const until = Date.now() + 30_000; // the alert follows the change
  while (!(await told()) && Date.now() < until) await delay(20);
  assert.ok(await told());
  await run.ask(`DELETE ${api}/sla/calendars/{id}`, {path: `${api}/sla/calendars/${broken.json.id}`, as: admin, expect: 423});
  // What no ticket is timed or routed by goes on, and so does a look at what a change would do.
  await run.ask(`POST ${api}/sla/policies/apply`, {as: admin, body: {dry_run: true}, expect: 200});
  await run.ask(`PATCH ${api}/tickets/{id}`, {path: `${api}/tickets/${made.json.id}`, as: admin, body: {tags: ["today"]}, expect: 200});

  await run.ask(`DELETE ${api}/tickets/{id}`, {path: `${api}/tickets/${made.json.id}`, as: admin, expect: 204});
  assert.equal((await state()).frozen, false);
  await run.ask(`DELETE ${api}/sla/calendars/{id}`, {path: `${api}/sla/calendars/${broken.json.id}`, as: admin, expect: 204});
}
