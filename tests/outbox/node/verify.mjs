// node verify.mjs FILE: checks {secret, headers, payload} with the package; exit 0 genuine, 1 not, 2 could not tell.
import { readFileSync } from "node:fs";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

try {
  const { secret, headers, payload } = JSON.parse(readFileSync(process.argv[2], "utf8"));
  new Webhook(secret).verify(payload, headers);
} catch (error) {
  if (error instanceof WebhookVerificationError) process.exit(1);
  console.error(error);
  process.exit(2);
}
