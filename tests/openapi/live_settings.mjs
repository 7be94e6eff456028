// What people set for the desk, and what it refuses them.
import assert from "node:assert/strict";

const api = "/api/support";

async function policies(run, {manager}) {
  const list = `GET ${api}/sla/policies`;
  const put = `PUT ${api}/sla/policies/{tier}/{priority}`;
  assert.equal((await run.ask(list, {as: manager, expect: 200})).json.data.length, 16);
  const path = `${api}/sla/policies/FREE/low`;
  const changed = await run.ask(put, {path, as: manager, body: {first_response_seconds: 60, next_response_seconds: null}, expect: 200});
  assert.deepEqual([changed.json.first_response_seconds, changed.json.next_response_seconds], [60, null]);
  await run.ask(put, {path, as: manager, body: {first_response_seconds: 0}, expect: 422});
  await run.ask(put, {path, as: manager, body: {calendar_id: "0197a000-0000-7000-8000-0000000000ee"}, expect: 422});
  await run.ask(put, {path: `${api}/sla/policies/GOLD/low`, as: manager, body: {}, expect: 404});
}

async function calendars(run, {manager}) {
  const all = `${api}/sla/calendars`;
  const office = {name: "Office", time_zone: "Europe/Dublin", weekly: {mon: [["09:00", "12:30"], ["13:30", "18:00"]], fri: [["22:00", "02:00"]]}};
  const made = await run.ask(`POST ${all}`, {as: manager, body: office, expect: 201});
  run.calendar = made.json.id;
  await run.ask(`POST ${all}`, {as: manager, body: office, expect: 422});
  const path = `${all}/${made.json.id}`;
  const name = (method) => `${method} ${all}/{id}`;
  await run.ask(name("GET"), {path, as: manager, expect: 200});
  const changed = await run.ask(name("PUT"), {path, as: manager, body: {holidays: ["2026-12-25"]}, expect: 200});
  assert.deepEqual(changed.json.holidays, ["2026-12-25"]);
  const wrong = await run.ask(name("PUT"), {path, as: manager, body: {weekly: {mon: [["09:00", "25:00"]]}}, expect: 422});
  assert.equal(wrong.json.errors[0].pointer, "/weekly/mon/0/1");
  assert.equal((await run.ask(`GET ${all}`, {as: manager, expect: 200})).json.data.length, 1);
  const policy = {name: `PUT ${api}/sla/policies/{tier}/{priority}`, path: `${api}/sla/policies/FREE/medium`};
  await run.ask(policy.name, {path: policy.path, as: manager, body: {calendar_id: made.json.id}, expect: 200});
  await run.ask(name("DELETE"), {path, as: manager, expect: 409});
  const other = await run.ask(`POST ${all}`, {as: manager, body: {...office, name: "Shop"}, expect: 201});
  await run.ask(name("DELETE"), {path: `${all}/${other.json.id}`, as: manager, expect: 204});
  for (const [method, body] of [["GET"], ["PUT", {}], ["DELETE"]])
    await run.ask(name(method), {path: `${all}/${other.json.id}`, as: manager, body, expect: 404});
}

async function rules(run, {manager}) {
  const all = `${api}/escalation/rules`;
  assert.equal((await run.ask(`GET ${all}`, {as: manager, expect: 200})).json.data.length, 5);
  const path = `${all}/2`;
  await run.ask(`GET ${all}/{level}`, {path, as: manager, expect: 200});
  await run.ask(`PUT ${all}/{level}`, {path, as: manager, body: {percent: 85, channels: ["log", "email"]}, expect: 200});
  for (const body of [{percent: 70}, {percent: null}, {recipients: ["nobody"]}, {channels: ["pigeon"]}, {ack_seconds: 0}])
    await run.ask(`PUT ${all}/{level}`, {path, as: manager, body, expect: 422});
  await run.ask(`PUT ${all}/{level}`, {path: `${all}/999`, as: manager, body: {percent: 50}, expect: 422});
  await run.ask(`GET ${all}/{level}`, {path: `${all}/7`, as: manager, expect: 404});
  await run.ask(`PUT ${all}/{level}`, {path: `${all}/7`, as: manager, body: {}, expect: 404});
}

async function categories(run, {supervisor, customer}) {
  const all = `${api}/categories`;
  const made = {code: "drone_footage", default_priority: "high", skills: ["media_storage"]};
  await run.ask(`POST ${all}`, {as: supervisor, body: made, expect: 201});
  await run.ask(`POST ${all}`, {as: supervisor, body: made, expect: 409});
  assert.equal((await run.ask(`GET ${all}`, {as: supervisor, expect: 200})).json.data.length, 22);
  const path = `${all}/drone_footage`;
  await run.ask(`GET ${all}/{code}`, {path, as: supervisor, expect: 200});
  await run.ask(`PUT ${all}/{code}`, {path, as: supervisor, body: {day: true}, expect: 200});
  const create = {subject: "It fell into the lake", body: "The drone.", category: "drone_footage"};
  const ticket = await run.ask(`POST ${api}/tickets`, {as: customer, body: create, expect: 201});
  assert.equal(ticket.json.priority, "high");
  await run.ask(`DELETE ${all}/{code}`, {path, as: supervisor, expect: 204});
  await run.ask(`DELETE ${all}/{code}`, {path, as: supervisor, expect: 404});
  await run.ask(`POST ${api}/tickets`, {as: customer, body: create, expect: 422});
  for (const [method, body] of [["GET"], ["PUT", {}]])
    await run.ask(`${method} ${all}/{code}`, {path: `${all}/none`, as: supervisor, body, expect: 404});
}

async function agents(run, {agent, supervisor}) {
  const all = `${api}/agents`;
  const self = {id: "agent-7", name: "Sam Okafor", skills: [{skill: "payments", level: 4}], languages: ["en", "es"]};
  await run.ask(`POST ${all}`, {as: agent, body: self, expect: 201});
  await run.ask(`POST ${all}`, {as: agent, body: self, expect: 409});
  await run.ask(`POST ${all}`, {as: agent, body: {...self, id: "agent-8"}, expect: 403});
  await run.ask(`POST ${all}`, {as: supervisor, body: {id: "agent-8", name: "Inés", role: "supervisor"}, expect: 201});
  await run.ask(`POST ${all}`, {as: supervisor, body: {name: "x", skills: [{skill: "a", level: 9}]}, expect: 422});
  assert.equal((await run.ask(`GET ${all}`, {as: agent, expect: 200})).json.data.length, 2);
  const mine = `${all}/agent-7`;
  const other = `${all}/agent-8`;
  await run.ask(`GET ${all}/{id}`, {path: other, as: agent, expect: 200});
  await run.ask(`PUT ${all}/{id}`, {path: mine, as: agent, body: {capacity: 12}, expect: 200});
  await run.ask(`PUT ${all}/{id}`, {path: mine, as: agent, body: {role: "manager"}, expect: 403});
  await run.ask(`PUT ${all}/{id}`, {path: other, as: agent, body: {capacity: 1}, expect: 403});
  const presence = `PUT ${all}/{id}/presence`;
  const online = await run.ask(presence, {path: `${mine}/presence`, as: agent, body: {status: "online"}, expect: 200});
  assert.equal(online.json.presence, "online");
  await run.ask(presence, {path: `${other}/presence`, as: agent, body: {status: "online"}, expect: 403});
  await run.ask(presence, {path: `${mine}/presence`, as: agent, body: {status: "asleep"}, expect: 422});
  for (const [name, path, body] of [[`GET ${all}/{id}`, `${all}/none`], [`PUT ${all}/{id}`, `${all}/none`, {}], [presence, `${all}/none/presence`, {status: "away"}]])
    await run.ask(name, {path, as: supervisor, body, expect: 404});
}

/** After the ladder has been climbed: it has raised some. */
async function alerts(run, {agent}) {
  const list = `GET ${api}/alerts`;
  const take = `POST ${api}/alerts/{id}/acknowledge`;
  const page = await run.ask(list, {as: agent, query: "?acknowledged=false&level=warning,critical&limit=1", expect: 200});
  const {id} = page.json.data[0];
  run.alert = id;
  const taken = await run.ask(take, {path: `${api}/alerts/${id}/acknowledge`, as: agent, expect: 200});
  assert.equal(taken.json.acknowledged_by, "agent-7");
  await run.ask(take, {path: `${api}/alerts/${id}/acknowledge`, as: agent, expect: 409});
  await run.ask(take, {path: `${api}/alerts/none/acknowledge`, as: agent, expect: 404});
  await run.ask(list, {as: agent, query: "?level=loud", expect: 400});
  await run.ask(list, {as: agent, query: "?cursor=made-up", expect: 400});
}

export async function settings(run, people) {
  await policies(run, people);
  await calendars(run, people);
  await rules(run, people);
  await categories(run, people);
  await agents(run, people);
  await alerts(run, people);
}
