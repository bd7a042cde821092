import type { CoreDb } from "../db/database.ts";
import { CONSENT_WARNING_DAYS, consentEnd } from "../domain/consent-warning.ts";
import { instant, instantText } from "../domain/time.ts";
import { listEndingConsents, listFailedConnections } from "../store/connection-health.ts";

const toInstant = (text: string | null) => (text === null ? undefined : instant(text));

/** Accounts at providers that do not work or soon will not, in words for an operator; empty when all do. */
export async function connectionHealth(db: CoreDb): Promise<string[]> {
  const failed = await listFailedConnections(db);
  const ending = await listEndingConsents(db, CONSENT_WARNING_DAYS);
  return [
    ...failed.map(({ provider, name, environment, reason }) =>
      `the ${provider} connection "${name}" of ${environment} has failed. ${reason ?? ""}`.trim(),
    ),
    ...ending.map(({ provider, name, environment, idleAt, hardAt }) => {
      const end = consentEnd(toInstant(idleAt), toInstant(hardAt));
      const day = end === undefined ? "" : instantText(end).slice(0, 10);
      return `the consent to the ${provider} connection "${name}" of ${environment} ends on ${day}: connect it anew before`;
    }),
  ];
}
