import type { FastifyRequest } from "fastify";
import { isCleanText } from "../normalise.ts";
import type { RouteAudit } from "./route-audit.ts";

const MAX_LENGTH = 200;

/** What belongs to the whole environment has its id. */
const OF_ENVIRONMENT: ReadonlySet<string> = new Set([
  "invoicing_settings",
  "organization_config",
  "reconciliation_settings",
  "sandbox_clock",
  "webhook_secret",
]);

/** Fields that name it where neither `<resource>_id` nor `id` does. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  webhook_delivery: ["delivery_id"],
  payment_workflow: ["workflow_id"],
  custom_field: ["entity_id"],
  custom_field_key: ["key"],
};

/** The value of the first of these fields that is a sensible id. */
function firstOf(source: unknown, names: readonly string[]): string | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  for (const name of names) {
    const value = (source as Record<string, unknown>)[name];
    if (typeof value === "string" && value.length <= MAX_LENGTH && isCleanText(value)) return value;
  }
  return undefined;
}

const namesOf = (resourceType: string): readonly string[] =>
  FIELDS[resourceType] ?? [`${resourceType}_id`, "id"];

/** `/v1/settings/<provider>`, and what is below it: an environment has such settings of each provider. */
const SETTINGS_PART = 3;

/** The id of what a request writes, as far as the request names it. */
export function requestedId(request: FastifyRequest, { resourceType }: RouteAudit) {
  if (OF_ENVIRONMENT.has(resourceType)) return request.token?.environment.id;
  if (resourceType === "provider_settings") {
    return request.routeOptions.url?.split("/")[SETTINGS_PART];
  }
  const names = namesOf(resourceType);
  return firstOf(request.params, names) ?? firstOf(request.body, names);
}

/** The id of what a reply says was made; of a list with one row, that row's. */
export function repliedId(data: unknown, { resourceType }: RouteAudit): string | undefined {
  const one = Array.isArray(data) && data.length === 1 ? data[0] : data;
  return firstOf(one, namesOf(resourceType));
}
