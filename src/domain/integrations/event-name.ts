import type { RunWord } from "./run-word.ts";

/** What is told of integrations, by m3ter's names; the last one is ours. */
export const INTEGRATION_EVENTS = [
  "integration.validation.error",
  "integration.missingaccountmapping.error",
  "integration.authentication.error",
  "integration.perform.error",
  "integration.disabled.error",
  "integration.unrouted",
] as const;

export type IntegrationEventName = (typeof INTEGRATION_EVENTS)[number];

/** So long an event can be seen. */
export const EVENT_LIFE_DAYS = 28;

/** No customer at the provider belongs to the account. */
export const MISSING_MAPPING = "missing_account_mapping";

/**
 * What tells of a run that failed; undefined: nothing does, because the integration is off and that was
 * told when it was switched off. `refused`: before anything was sent.
 */
export function eventOfFailure(
  word: RunWord,
  { code, refused = false }: { readonly code: string; readonly refused?: boolean | undefined },
): IntegrationEventName | undefined {
  if (word === "DISABLED") return undefined;
  if (word === "AUTH_FAILED") return "integration.authentication.error";
  if (code === MISSING_MAPPING) return "integration.missingaccountmapping.error";
  return refused ? "integration.validation.error" : "integration.perform.error";
}

/** What a person does about it. */
export const REMEDIES = {
  "integration.validation.error": "OPEN_RUN",
  "integration.missingaccountmapping.error": "CREATE_MAPPING",
  "integration.authentication.error": "OPEN_INTEGRATION",
  "integration.perform.error": "OPEN_RUN",
  "integration.disabled.error": "OPEN_INTEGRATION",
  "integration.unrouted": "OPEN_BILL",
} as const satisfies Record<IntegrationEventName, string>;
