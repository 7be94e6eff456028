// What the tests ask of a desk.
import {Desk} from "../openapi/desk.mjs";

export class WatchedDesk extends Desk {
  /** A request with a body by somebody; the answer's body, parsed. Any status but these is an error. */
  async ask(method, path, who, body, expected = [200, 201, 204]) {
    const headers = {Authorization: `Bearer ${who}`, ...(body === undefined ? {} : {"Content-Type": "application/json"})};
    const answer = await this.send(method, path, {headers, body: body === undefined ? undefined : JSON.stringify(body)});
    if (!expected.includes(answer.status)) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text ? JSON.parse(answer.text) : undefined;
  }

  async organization(id, tier) {
    await this.ask("PUT", `/api/support/organizations/${id}`, this.token("admin"), {name: `The ${tier} house`, tier, time_zone: "Europe/Paris"});
    return this.token("requester", "customer", id);
  }

  targets(tier, priority, first, resolution) {
    const body = {first_response_seconds: first, next_response_seconds: first, resolution_seconds: resolution, calendar_id: null};
    return this.ask("PUT", `/api/support/sla/policies/${tier}/${priority}`, this.token("manager"), body);
  }

  ticket(customer, more = {}) {
    const body = {subject: "Where is my invoice?", body: "I can't find the one of May.", priority: "high", ...more};
    return this.ask("POST", "/api/support/tickets", customer, body);
  }
}
