// Sums over what the others have done.
import assert from "node:assert/strict";

const name = "GET /api/support/analytics";

export async function analytics(run, {supervisor, customer, agent}) {
  const of = async (query = "") => (await run.ask(name, {as: supervisor, query, expect: 200})).json;
  const before = (await of()).total;
  const made = await run.ask("POST /api/support/tickets", {as: customer, body: {subject: "Sums", body: "Count me.", category: "rsvp", priority: "low"}, expect: 201});
  const path = `/api/support/tickets/${made.json.id}`;
  await run.ask("POST /api/support/tickets/{id}/messages", {path: `${path}/messages`, as: agent, body: {body: "Counted.", visibility: "public"}, expect: 201});
  await run.ask("PATCH /api/support/tickets/{id}", {path, as: agent, body: {status: "resolved"}, expect: 200});
  const after = (await of()).total;
  assert.deepEqual([after.tickets, after.resolved], [before.tickets + 1, before.resolved + 1]);
  assert.equal(after.first_response_clocks, before.first_response_clocks + 1);
  for (const by of ["tier", "priority", "category", "agent", "day"]) {
    const grouped = await of(`?group_by=${by}`);
    assert.equal(grouped.groups.reduce((sum, {tickets}) => sum + tickets, 0), grouped.total.tickets, by);
  }
  const low = (await of("?group_by=priority")).groups.find(({key}) => key === "low");
  assert.ok(low.first_response_median_seconds < 60 && low.first_contact_resolution_rate > 0);
  const nothing = await of("?from=2001-01-01T00:00:00Z&to=2001-02-01T00:00:00Z&group_by=tier");
  assert.deepEqual([nothing.total.tickets, nothing.total.breach_rate, nothing.groups], [0, null, []]);
  const table = await run.ask(name, {as: supervisor, query: "?group_by=category", headers: {Accept: "text/csv"}, expect: 200});
  assert.match(table.headers["content-type"], /^text\/csv/);
  const [head, ...rows] = table.text.trim().split("\r\n");
  assert.match(head, /^key,tickets,open,resolved,/);
  assert.ok(rows.some((row) => row.startsWith("rsvp,")));
  for (const query of ["?group_by=colour", "?from=yesterday", "?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "?from=2001-01-01T00:00:00Z"])
    await run.ask(name, {as: supervisor, query, expect: 400});
}
