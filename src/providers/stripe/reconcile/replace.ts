import type { Repair } from "../../reconciliation.ts";
import { standingOf } from "./inspect.ts";
import { pathOf, post, type RepairFacts, refuse } from "./repair-facts.ts";

export const REDELIVERY = {
  outcome: "act",
  action: "recreate",
  description: "Deliver the invoice once more, as a new document.",
  writes: [],
  after: "redeliver",
} as const;

/** Our ids leave a void document, so that a new one is looked for and not this one found again. */
const RELEASED = {
  metronome_id: "",
  ledgerline_invoice_id: "",
} as const;

/** From a void document to a new one. */
export function redeliverVoided({ observed }: Pick<RepairFacts, "observed">): Repair {
  const { id = "", metadata } = observed.invoice;
  const owner = metadata?.ledgerline_invoice_id;
  if (owner === undefined) return REDELIVERY;
  const request = post(pathOf(id), {
    metadata: { ...RELEASED, ledgerline_superseded_invoice_id: owner },
  });
  return { ...REDELIVERY, writes: [{ name: "release", request }] };
}

/** A document that is wrong as a whole: a draft is deleted, an unpaid one voided, and made anew. */
export function replace({ observed, document }: RepairFacts): Repair {
  const { id = "" } = observed.invoice;
  const standing = standingOf(observed);
  if (standing === "draft") {
    return {
      outcome: "act",
      action: "delete_and_recreate",
      description: "Delete the draft, and deliver the invoice once more.",
      writes: [{ name: "delete", request: { method: "DELETE", path: pathOf(id), params: {} } }],
      after: "redeliver",
    };
  }
  if (standing === "closed") return redeliverVoided({ observed });
  if (standing === "paid") {
    return refuse(
      "Money has arrived for this document, and a final document is never edited. Credit or refund the difference by hand.",
    );
  }
  if (document.collection !== undefined) {
    return refuse(
      "It is collected by a payment gate, which decides what becomes of it: a second document could charge twice.",
    );
  }
  return {
    outcome: "act",
    action: "void_and_recreate",
    description: "Void the document, which is never edited, and deliver the invoice once more.",
    writes: [{ name: "void", request: post(`${pathOf(id)}/void`, {}) }],
    after: "redeliver",
  };
}
