import type { Repair } from "../../reconciliation.ts";
import { PAYMENTS_PATH } from "../payment-step.ts";
import { type Inspected, standingOf } from "./inspect.ts";
import { pathOf, post, refuse } from "./repair-facts.ts";

/** Takes away a document that should not be there. Pure. */
export function discard(externalId: string, observed: Inspected): Repair {
  const standing = standingOf(observed);
  const isPayment = observed.state === "payment";
  const path = isPayment ? `${PAYMENTS_PATH}/${externalId}` : pathOf(externalId);
  if (standing === "draft") {
    return {
      outcome: "act",
      action: "delete_draft",
      description: "Delete the draft.",
      writes: [{ name: "delete", request: { method: "DELETE", path, params: {} } }],
    };
  }
  if (standing === "open") {
    const verb = isPayment ? "cancel" : "void";
    return {
      outcome: "act",
      action: isPayment ? "cancel_payment" : "void_at_provider",
      description: "Take the document back, so that nobody can pay it any more.",
      writes: [{ name: verb, request: post(`${path}/${verb}`, {}) }],
    };
  }
  return refuse(
    "Money has arrived for it, wholly or in part: only a refund or a credit note by hand can undo that.",
  );
}
