import type { Repair } from "../../reconciliation.ts";
import { PAYMENTS_PATH } from "../payment-step.ts";
import { missingMetadata } from "./compare-metadata.ts";
import type { DeliveredDocument } from "./delivered-document.ts";
import { discard } from "./discard.ts";
import type { Inspected } from "./inspect.ts";
import { post, REFRESH, type RepairFacts, refuse } from "./repair-facts.ts";

/** What is to be done about a payment without an invoice. Pure. */
export function repairPayment(
  { class: found }: RepairFacts["discrepancy"],
  { document }: DeliveredDocument,
  observed: Extract<Inspected, { state: "payment" }>,
): Repair {
  const { intent } = observed;
  if (found === "void_here_open_there") return discard(intent.id, observed);
  if (found === "metadata_removed" && document !== undefined) {
    const params = { metadata: missingMetadata(document.metadata, intent.metadata) };
    return {
      outcome: "act",
      action: "restore_metadata",
      description: "Put back the metadata by which the payment is known to be ours.",
      writes: [{ name: "metadata", request: post(`${PAYMENTS_PATH}/${intent.id}`, params) }],
    };
  }
  if (["customer_changed", "currency_differs", "edited_total"].includes(found)) {
    return refuse("A payment is never changed: its payment gate decides what becomes of it.");
  }
  return REFRESH;
}
