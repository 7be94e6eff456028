// What each route is about, and which of the callers that its role lets in may do it all the same. A route without a row
// fails the matrix: whoever adds one says here whose thing it is.
//
//   of        whose thing the path names: "ticket", "organization", "webhook", "api_key", "delivery", "alert" belong to an
//             organization; a factory's name ("calendar", …) is something of the whole desk; nothing: no thing is named
//   body      what is sent, so that a caller who may gets past the reading of the body; a function of (caller, world)
//   query     needed for an answer
//   only      the roles that may, where the document's lowest role does not say it all
//   desk      it changes what holds for all organizations: whoever is narrowed to one is refused
//   narrowed  "refused": whoever is narrowed to one organization is; "absent": what the whole desk has made is not there
//   drops     the thing is gone afterwards, so that each caller needs a new one
//   unknown   what an id that nobody has comes to, where that is not 404
const tickets = "/api/support/tickets";
const one = `${tickets}/{id}`;
const api = "/api/support";

export const rows = {
  [`POST ${tickets}`]: {body: ({organization}, {ours}) => ({subject: "Matrix", body: "Rows and columns.", ...(organization ? {} : {organization_id: ours.id})})},
  [`GET ${tickets}`]: {},
  [`POST ${tickets}/bulk`]: {body: (_, {ours}) => ({ids: [ours.ticket.id], set: {tags: ["matrix"]}})},
  [`GET ${one}`]: {of: "ticket"},
  [`PUT ${one}`]: {of: "ticket", body: () => ({subject: "Matrix, put"})},
  [`PATCH ${one}`]: {of: "ticket", body: () => ({subject: "Matrix, patched"})},
  [`DELETE ${one}`]: {of: "ticket", only: ["manager", "admin"]},
  [`POST ${one}/restore`]: {of: "ticket", only: ["manager", "admin"]},
  [`GET ${one}/messages`]: {of: "ticket"},
  [`POST ${one}/messages`]: {of: "ticket", body: () => ({body: "Hm."})},
  [`PUT ${one}/assign`]: {of: "ticket", body: ({sub}) => ({agent_id: sub}), only: ["agent", "supervisor", "manager", "executive", "admin"]},
  [`GET ${one}/sla`]: {of: "ticket"},
  [`GET ${one}/history`]: {of: "ticket"},
  [`POST ${one}/escalate`]: {of: "ticket", body: () => ({level: 1})},
  [`POST ${one}/acknowledge`]: {of: "ticket"},
  [`POST ${one}/merge`]: {of: "ticket", body: (_, {ours}) => ({into: ours.spare.id})},
  [`GET ${one}/csat`]: {of: "ticket"},
  [`POST ${one}/csat`]: {of: "ticket", body: () => ({score: 5}), only: ["requester"]},
  [`POST ${one}/macro`]: {of: "ticket", body: (_, {things}) => ({macro_id: things.macro.id})},

  [`GET ${api}/escalation`]: {},
  [`POST ${api}/escalation`]: {body: () => ({action: "check"}), desk: true},
  [`GET ${api}/escalation/rules`]: {},
  [`GET ${api}/escalation/rules/{level}`]: {of: "rule"},
  [`PUT ${api}/escalation/rules/{level}`]: {of: "rule", body: () => ({}), desk: true},
  [`GET ${api}/sla/policies`]: {},
  [`PUT ${api}/sla/policies/{tier}/{priority}`]: {of: "policy", body: () => ({}), desk: true},
  [`POST ${api}/sla/policies/apply`]: {body: () => ({dry_run: true})},
  [`GET ${api}/sla/calendars`]: {},
  [`POST ${api}/sla/calendars`]: {body: ({sub}) => ({name: `Hours of ${sub}`, time_zone: "UTC", weekly: {mon: [["09:00", "17:00"]]}}), desk: true},
  [`GET ${api}/sla/calendars/{id}`]: {of: "calendar"},
  [`PUT ${api}/sla/calendars/{id}`]: {of: "calendar", body: () => ({holidays: ["2026-12-25"]}), desk: true},
  [`DELETE ${api}/sla/calendars/{id}`]: {of: "calendar", drops: true, desk: true},
  [`GET ${api}/categories`]: {},
  [`POST ${api}/categories`]: {body: ({sub}) => ({code: sub.replaceAll("-", "_"), default_priority: "low"}), desk: true},
  [`GET ${api}/categories/{code}`]: {of: "category"},
  [`PUT ${api}/categories/{code}`]: {of: "category", body: () => ({default_priority: "high"}), desk: true},
  [`DELETE ${api}/categories/{code}`]: {of: "category", drops: true, desk: true},

  [`POST ${api}/ai/categorize`]: {body: () => ({subject: "The cake", body: "It has not come."})},
  [`GET ${api}/ai/categorize`]: {query: "?action=stats"},
  [`POST ${api}/ai/patterns`]: {body: () => ({category: "rsvp", pattern: "\\bmatrix\\b"}), desk: true},
  [`PUT ${api}/ai/patterns/{id}`]: {of: "pattern", body: () => ({weight: 1}), desk: true},
  [`DELETE ${api}/ai/patterns/{id}`]: {of: "pattern", drops: true, desk: true},

  [`GET ${api}/agents`]: {},
  [`POST ${api}/agents`]: {body: ({sub}) => ({id: sub, name: "Of the matrix"})},
  [`GET ${api}/agents/{id}`]: {of: "agent"},
  [`PUT ${api}/agents/{id}`]: {of: "agent", body: () => ({capacity: 3}), only: ["supervisor", "manager", "executive", "admin"], desk: true},
  [`PUT ${api}/agents/{id}/presence`]: {of: "agent", body: () => ({status: "away"}), only: ["supervisor", "manager", "executive", "admin"], desk: true},

  [`GET ${api}/alerts`]: {},
  [`POST ${api}/alerts/{id}/acknowledge`]: {of: "alert"},
  [`GET ${api}/macros`]: {},
  [`POST ${api}/macros`]: {body: ({sub}) => ({name: `Macro of ${sub}`, set: {tags: ["matrix"]}}), desk: true},
  [`GET ${api}/macros/{id}`]: {of: "macro"},
  [`PUT ${api}/macros/{id}`]: {of: "macro", body: () => ({reply: "Hello."}), desk: true},
  [`DELETE ${api}/macros/{id}`]: {of: "macro", drops: true, desk: true},
  [`GET ${api}/analytics`]: {},
  [`GET ${api}/snapshots`]: {narrowed: "refused"},
  [`GET ${api}/events`]: {},
  [`GET ${api}/kb/articles`]: {},
  [`POST ${api}/kb/articles`]: {body: () => ({title: "Matrix", body: "Of rows.", language: "en"}), desk: true},
  [`GET ${api}/kb/articles/{id}`]: {of: "article"},
  [`PUT ${api}/kb/articles/{id}`]: {of: "article", body: () => ({tags: ["matrix"]}), desk: true},
  [`DELETE ${api}/kb/articles/{id}`]: {of: "article", drops: true, desk: true},
  [`GET ${api}/kb/search`]: {query: "?q=seating"},

  [`GET ${api}/freeze`]: {},
  [`GET ${api}/privacy/exports`]: {query: "?email=matrix%40example.com"},
  [`GET ${api}/privacy/exports/{id}`]: {of: "export", narrowed: "absent"},
  [`GET ${api}/privacy/erasures`]: {},
  [`POST ${api}/privacy/erasures`]: {body: ({sub}) => ({subject: {email: `${sub}@example.com`}})},
  [`GET ${api}/privacy/erasures/{id}`]: {of: "erasure", narrowed: "absent"},
  [`POST ${api}/privacy/erasures/{id}/confirm`]: {of: "preview", body: () => ({}), narrowed: "absent", drops: true},
  [`GET ${api}/privacy/retention`]: {},
  [`PUT ${api}/privacy/retention`]: {body: () => ({rules: [], legal_hold: []}), desk: true},
  [`GET ${api}/organizations`]: {},
  [`GET ${api}/organizations/{id}`]: {of: "organization"},
  [`PUT ${api}/organizations/{id}`]: {of: "organization", body: () => ({name: "Of the matrix", tier: "ENTERPRISE", time_zone: "UTC"}), unknown: 201},
  [`GET ${api}/api-keys`]: {},
  [`POST ${api}/api-keys`]: {body: () => ({name: "Matrix", role: "agent"})},
  [`GET ${api}/api-keys/{id}`]: {of: "api_key"},
  [`DELETE ${api}/api-keys/{id}`]: {of: "api_key", drops: true},
  [`GET ${api}/webhooks`]: {},
  [`POST ${api}/webhooks`]: {body: () => ({url: "https://hooks.example.com/matrix", events: ["ticket.deleted"]})},
  [`GET ${api}/webhooks/{id}`]: {of: "webhook"},
  [`PUT ${api}/webhooks/{id}`]: {of: "webhook", body: () => ({events: ["ticket.created"]})},
  [`DELETE ${api}/webhooks/{id}`]: {of: "webhook", drops: true},
  [`POST ${api}/webhooks/{id}/secrets`]: {of: "webhook", body: () => ({})},
  [`DELETE ${api}/webhooks/{id}/secrets`]: {of: "webhook"},
  [`GET ${api}/webhooks/{id}/deliveries`]: {of: "webhook"},
  [`POST ${api}/webhooks/{id}/deliveries/{delivery_id}/redeliver`]: {of: "delivery"},

  [`POST ${api}/session`]: {body: () => ({user: "nobody-here", password: "not a password"}), refused: [401]},
  [`GET ${api}/session`]: {},
  [`GET ${api}/audit`]: {},
  [`DELETE ${api}/session`]: {},

  "GET /csat/{token}": {of: "score"},
  "POST /csat/{token}": {of: "score", body: () => ({score: 3})},
  "GET /livez": {},
  "GET /readyz": {},
  "GET /version": {},
  "GET /metrics": {},
  "GET /openapi.json": {},
  "GET /docs": {},
  "GET /docs/{file}": {of: "file"},
  "GET /": {},
  "GET /console/{file}": {of: "console"},
};

/** Where a body or a query names another's thing: another organization's and nobody's have to come to the same. */
export const references = [
  {name: "merging into it", method: "POST", path: (w) => `${tickets}/${w.ours.ticket.id}/merge`, body: (id) => ({into: id}), kind: "ticket", role: "agent"},
  {name: "a change of many", method: "POST", path: () => `${tickets}/bulk`, body: (id) => ({ids: [id], set: {tags: ["taken"]}}), kind: "ticket", role: "agent"},
  {name: "a verdict on it", method: "POST", path: () => `${api}/ai/categorize`, body: (id) => ({ticket_id: id}), kind: "ticket", role: "agent"},
  {name: "its escalations", method: "GET", path: (w, id) => `${api}/escalation?ticket_id=${id}`, kind: "ticket", role: "agent"},
  {name: "its events", method: "GET", path: (w, id) => `${api}/events?ticket_id=${id}`, kind: "ticket", role: "agent", changing: /id: \S+/},
  {name: "its number", method: "GET", path: (w, id) => `${tickets}/${id}`, kind: "number", role: "requester"},
  {name: "a change by its number", method: "PATCH", path: (w, id) => `${tickets}/${id}`, body: () => ({subject: "Taken"}), kind: "number", role: "requester"},
  {name: "its organization's list", method: "GET", path: (w, id) => `${tickets}?organization_id=${id}`, kind: "organization", role: "requester"},
  {name: "a ticket on its behalf", method: "POST", path: () => tickets, body: (id) => ({subject: "a", body: "b", organization_id: id}), kind: "organization", role: "agent"},
  {name: "an endpoint of its own", method: "POST", path: () => `${api}/webhooks`, body: (id) => ({url: "https://hooks.example.com/x", organization_id: id}), kind: "organization", role: "admin"},
  {name: "its trail", method: "GET", path: (w, id) => `${api}/audit?organization_id=${id}`, kind: "organization", role: "admin"},
  {name: "a key of its own", method: "POST", path: () => `${api}/api-keys`, body: (id) => ({name: "Taken", role: "agent", organization_id: id}), kind: "organization", role: "admin"},
  {name: "an erasure in it", method: "POST", path: () => `${api}/privacy/erasures`, body: (id) => ({subject: {phrase: "Not in the matrix"}, organization_id: id}), kind: "organization", role: "admin"},
  {name: "its delivery, at our endpoint", method: "POST", path: (w, id) => `${api}/webhooks/${w.ours.webhook.id}/deliveries/${id}/redeliver`, kind: "delivery", role: "admin"},
];
