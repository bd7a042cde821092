import type { FindingClass } from "../../../domain/reconciliation/finding-class.ts";
import type { ProviderRequest } from "../../delivery-step.ts";
import type { Discrepancy, Repair } from "../../reconciliation.ts";
import { toFinalize } from "../next-step.ts";
import { compareDocument, dueBounds } from "./compare.ts";
import { missingMetadata } from "./compare-metadata.ts";
import { type DeliveredDocument, wantedInvoice } from "./delivered-document.ts";
import { discard } from "./discard.ts";
import { type Inspected, standingOf } from "./inspect.ts";
import { pathOf, post, REFRESH, type RepairFacts, refuse } from "./repair-facts.ts";
import { repairLines } from "./repair-lines.ts";
import { repairPayment } from "./repair-payment.ts";
import { REDELIVERY, redeliverVoided, replace } from "./replace.ts";

/** Changes of a draft; a final document keeps its terms. */
function changeDraft(
  { observed }: RepairFacts,
  action: string,
  params: ProviderRequest["params"],
): Repair {
  const { id = "" } = observed.invoice;
  if (standingOf(observed) !== "draft") {
    return refuse(
      "The document is final and its terms cannot be changed any more. What is owed is right; void it by hand if the terms matter.",
    );
  }
  return {
    outcome: "act",
    action,
    description: "Set the draft back to what was sent.",
    writes: [{ name: action, request: post(pathOf(id), params) }],
  };
}

function changeTotals(facts: RepairFacts, action: string, params: ProviderRequest["params"]) {
  return standingOf(facts.observed) === "draft"
    ? changeDraft(facts, action, params)
    : replace(facts);
}

function restoreMethod(facts: RepairFacts): Repair {
  const { document, observed } = facts;
  const due = dueBounds(document, observed.invoice)?.exact;
  return changeDraft(facts, "restore_collection_method", {
    collection_method: document.collectionMethod,
    ...(due === undefined ? {} : { due_date: due }),
  });
}

function restoreMetadata({ document, observed }: RepairFacts): Repair {
  const { id = "", metadata } = observed.invoice;
  const params = { metadata: missingMetadata(document.metadata, metadata) };
  return {
    outcome: "act",
    action: "restore_metadata",
    description: "Put back the metadata by which the document is known to be ours.",
    writes: [{ name: "metadata", request: post(pathOf(id), params) }],
  };
}

function finishDraft({ document, delivered, observed }: RepairFacts): Repair {
  if (delivered.delivery === "FAILED") {
    return {
      outcome: "act",
      action: "retry_run",
      description: "Let the delivery go on: it compares the draft once more and finalizes it.",
      writes: [],
      after: "retry",
    };
  }
  if (document.collection !== undefined) {
    return refuse("It is collected by a payment gate: look at its payment, and finalize by hand.");
  }
  const others = compareDocument(delivered, observed).filter(
    (each) => each.class !== "stuck_draft",
  );
  if (others.length > 0) {
    const classes = [...new Set(others.map((each) => each.class))].join(", ");
    return refuse(`The draft is not what was sent (${classes}): put that right first.`);
  }
  const { id = "" } = observed.invoice;
  return {
    outcome: "act",
    action: "finalize",
    description: "Finalize the draft, which is what was sent.",
    writes: [{ name: "finalize", request: toFinalize(id, document) }],
  };
}

function restoreNumber({ observed }: RepairFacts): Repair {
  if (observed.invoice.number !== null) return REFRESH;
  return refuse("Stripe gave the final document no number: ask Stripe's support.");
}

function resendNote({ discrepancy, observed }: RepairFacts): Repair {
  if (standingOf(observed) === "draft" || standingOf(observed) === "closed") {
    return refuse("Only a document that is final and not void takes credit notes.");
  }
  const there = observed.notes.find(
    (note) => note.metadata?.ledgerline_credit_note_id === discrepancy.subject,
  );
  if (there !== undefined) {
    return refuse(
      `Credit note ${there.id} was ${there.status === "void" ? "voided" : "changed"} at Stripe and cannot be brought back. Void ours as well, or credit anew.`,
    );
  }
  return {
    outcome: "act",
    action: "resend_credit_note",
    description: "Deliver the credit note once more.",
    writes: [],
    after: { resend: discrepancy.subject },
  };
}

/** What only a person can decide, in words. */
const BY_HAND: Partial<Readonly<Record<FindingClass, string>>> = {
  paid_twice:
    "The customer paid more than once. Refund what is too much at Stripe by hand: money is never sent back by itself.",
  overpaid:
    "More arrived than is due. It stands on the customer's balance at Stripe; refund it by hand if it is not to be used up.",
  paid_without_money:
    "The document counts as paid without money: the customer's balance took it over, or it is below the least that can be charged. It is collected with a later invoice.",
  customer_deleted:
    "The customer was deleted at Stripe, which cannot be undone. Name another one in the billing configuration; what is open there has to be collected by hand.",
  credit_note_extra:
    "Somebody credited this at Stripe. Issue the same credit note here, or void it there, by hand.",
};

type Decide = (facts: RepairFacts) => Repair;

/** Class by class: what is done, from whatever stands there. */
const DECISIONS: Partial<Readonly<Record<FindingClass, Decide>>> = {
  voided_there: redeliverVoided,
  void_here_open_there: ({ observed }) => discard(observed.invoice.id ?? "", observed),
  stuck_draft: finishDraft,
  customer_changed: replace,
  currency_differs: replace,
  edited_total: replace,
  edited_lines: repairLines,
  missing_lines: repairLines,
  extra_lines: repairLines,
  duplicated_lines: repairLines,
  discount_added: (facts) => changeTotals(facts, "remove_discounts", { discounts: "" }),
  tax_unexpected: (facts) =>
    facts.document.tax.mode === "precalculated"
      ? replace(facts)
      : changeTotals(facts, "remove_taxes", {
          automatic_tax: { enabled: false },
          default_tax_rates: "",
        }),
  collection_method_changed: restoreMethod,
  due_date_changed: (facts) =>
    changeDraft(facts, "restore_due_date", {
      due_date: dueBounds(facts.document, facts.observed.invoice)?.exact,
    }),
  metadata_removed: (facts) =>
    facts.discrepancy.subject === "" ? restoreMetadata(facts) : repairLines(facts),
  number_missing: restoreNumber,
  credit_note_missing: resendNote,
  status_missed: () => REFRESH,
  marked_uncollectible: () => REFRESH,
  finalized_by_hand: () => REFRESH,
  paid_here_open_there: () => REFRESH,
  open_here_paid_there: () => REFRESH,
};

function repairGone({ notedStatus }: DeliveredDocument): Repair {
  if (notedStatus === "PAID" || notedStatus === "PARTIALLY_PAID") {
    return refuse(
      "It was paid when it was last seen, and Stripe deletes nothing that is final: the connection leads to another account. Put that right first.",
    );
  }
  return REDELIVERY;
}

/** What is to be done about a discrepancy, from what stands at Stripe now. Pure. */
export function repairDocument(
  discrepancy: Pick<Discrepancy, "class" | "subject">,
  delivered: DeliveredDocument,
  observed: Inspected,
): Repair {
  const byHand = BY_HAND[discrepancy.class];
  if (byHand !== undefined) return refuse(byHand);
  if (observed.state === "missing") return repairGone(delivered);
  if (observed.state === "items") return refuse("The items are on an invoice that is not ours.");
  if (observed.state === "payment") return repairPayment(discrepancy, delivered, observed);
  const decide = DECISIONS[discrepancy.class];
  if (decide === undefined) return refuse("There is no repair for this.");
  const document = wantedInvoice(delivered);
  if (document === undefined) {
    // Today nothing would be sent: only what stands there can be taken over, or back.
    if (discrepancy.class === "void_here_open_there") {
      return discard(observed.invoice.id ?? "", observed);
    }
    return REFRESH;
  }
  return decide({ discrepancy, delivered, observed, document });
}
