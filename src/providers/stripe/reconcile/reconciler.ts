import type Stripe from "stripe";
import type { ProviderConnection } from "../../provider-connection.ts";
import type { Reconciler } from "../../reconciliation.ts";
import type { StripeDocument, StripePayment } from "../document.ts";
import { compareDocument } from "./compare.ts";
import { discard } from "./discard.ts";
import { externalOf, type Inspected, inspectDocument, standingOf } from "./inspect.ts";
import { listDocuments } from "./list-documents.ts";
import { repairDocument } from "./repair.ts";

/** Comparison with Stripe, and repairs there (docs/reconciliation.md). */
export const stripeReconciler = (
  open: (connection: ProviderConnection) => Stripe,
): Reconciler<StripeDocument | StripePayment, Inspected> => ({
  listDocuments: (connection, range, page) =>
    listDocuments(open(connection), connection, range, page),
  inspect: (connection, externalId, options) =>
    inspectDocument(open(connection), externalId, options),
  kind: ({ state }) => (state === "payment" ? "payment" : "invoice"),
  standing: standingOf,
  external: externalOf,
  compare: compareDocument,
  repair: repairDocument,
  discard,
});
