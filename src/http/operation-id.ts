/** "rate-cards" and "billing_provider_type" as part of a name: "RateCards", "BillingProviderType". */
export const toPascal = (part: string): string =>
  part
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");

/** Last parts of a URL that say what is done. */
const ACTIONS: ReadonlySet<string> = new Set(
  `add amend apply approve archive authorize cancel connect correct create disable disconnect edit enable get hold
  ingest list lock poll preview-filter recalculate regenerate release replay reset retry revoke rotate-webhook-secret
  route search test update void`.split(/\s+/),
);

const BY_METHOD: Readonly<Record<string, string>> = {
  GET: "get",
  POST: "create",
  PUT: "set",
  PATCH: "update",
  DELETE: "delete",
};

/** They only group others, and say nothing. */
const GROUPS: ReadonlySet<string> = new Set(["client", "composite", "contract-pricing"]);

const isParameter = (part: string | undefined): boolean => part?.startsWith(":") ?? false;
const isAction = (part: string): boolean => ACTIONS.has(part) || /^[a-z]+[A-Z]/.test(part);
const toSingular = (part: string): string => part.replace(/ies$/, "y").replace(/(?<=[^su])s$/, "");

/** "addKey" and "preview-filter" as the verb and what it is done with. */
function splitAction(action: string): readonly [verb: string, object: string] {
  const [, verb = action, object = ""] = /^([a-z]+)[-_]?(.*)$/.exec(action) ?? [];
  return [verb, toPascal(object)];
}

/**
 * The name of an operation in the API's description, as tools show it to people: "getCustomerInvoice" of
 * GET /v1/customers/:customer_id/invoices/:invoice_id, "setCustomerName" of POST .../setName. Versions other
 * than the first are part of it. A route whose name would be another's too says its own. Pure.
 */
export function toOperationId(method: string, url: string): string {
  const [, version = "", ...rest] = url.split("/");
  const isVersion = /^v\d+$/.test(version);
  const parts = (isVersion ? rest : [version, ...rest]).filter((part) => !GROUPS.has(part));
  const last = parts.at(-1) ?? "";
  const acts = (method === "POST" && isAction(last)) || last === "list";
  const [verb, object] = acts ? splitAction(last) : [BY_METHOD[method] ?? method, ""];
  const isOne = (i: number, every: readonly string[]) =>
    isParameter(every[i + 1]) || (method === "POST" && verb !== "list" && i === every.length - 1);
  const nouns = (acts ? parts.slice(0, -1) : parts)
    .map((part, i, every) => (isOne(i, every) ? toSingular(part) : part))
    .filter((part) => !isParameter(part) && part !== "*")
    .map(toPascal)
    .join("");
  const isSaid = object.startsWith(nouns);
  const suffix = isVersion && version !== "v1" ? version.toUpperCase() : "";
  return `${verb}${isSaid ? "" : nouns}${object}${suffix}`;
}
