import type { IntegrationRoute, Payer } from "../integration-route.ts";
import type { RouteOptions } from "../provider-connection.ts";
import { CUSTOMER_FIELD } from "./mapped-fields.ts";
import { SYSTEM } from "./mapping-tables.ts";
import { toOverrides } from "./overrides.ts";
import { fromExternalId } from "./sales-document.ts";
import { toQuickBooksSettings } from "./settings.ts";

/**
 * In the place of an id, which is digits: customers of QuickBooks carry no id of ours, so the document
 * itself names its customer, by the account's custom field or by its name.
 */
const BY_DOCUMENT = "by_document";

function toRouteOptions(
  destination: Readonly<Record<string, unknown>>,
  { customer }: Payer,
): RouteOptions {
  return {
    ...(customer === BY_DOCUMENT ? {} : { [CUSTOMER_FIELD]: customer }),
    ...toOverrides(destination),
  };
}

const PAGES = { production: "https://qbo.intuit.com", sandbox: "https://sandbox.qbo.intuit.com" };

/** How a rule of the integrations API leads to QuickBooks. */
export const quickBooksRoute: IntegrationRoute = {
  mapping: { system: SYSTEM, table: "Customer" },
  toRouteOptions,
  // QuickBooks has no drafts: what is in the books counts there.
  sendsDrafts: () => false,
  // A document that is left there by a delivery that was skipped in the end counts, and is kept.
  withdraw: () => undefined,
  findPayer: async () => BY_DOCUMENT,
  documentUrl(connection, externalId) {
    const { kind, id } = fromExternalId(externalId);
    const page = kind === "CreditMemo" ? "creditmemo" : "invoice";
    const host = PAGES[toQuickBooksSettings(connection).environment];
    return `${host}/app/${page}?txnId=${encodeURIComponent(id)}`;
  },
};
