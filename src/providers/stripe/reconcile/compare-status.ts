import type Stripe from "stripe";
import type { FindingClass } from "../../../domain/reconciliation/finding-class.ts";
import type { Delivered, Discrepancy } from "../../reconciliation.ts";
import type { StripeDocument } from "../document.ts";
import { toExternalStatus } from "../status.ts";
import { standingOfInvoice } from "./inspect.ts";

const UNPAID = new Set(["FINALIZED", "PAYMENT_FAILED", "PARTIALLY_PAID"]);

/** What it means that we noted one status and another one stands there. */
function classOf(noted: string | null, actual: string | null, isLeft: boolean): FindingClass {
  if (actual === "UNCOLLECTIBLE") return "marked_uncollectible";
  if (actual === "PAID" && noted !== null && UNPAID.has(noted)) return "open_here_paid_there";
  if (noted === "PAID" && actual !== null && UNPAID.has(actual)) return "paid_here_open_there";
  if (noted === null && actual !== null && isLeft) return "finalized_by_hand";
  return "status_missed";
}

/** What of the states of our invoice, our note of theirs, and theirs does not go together. Pure. */
export function compareStatus(
  { delivery, isVoid, notedStatus }: Delivered,
  invoice: Stripe.Invoice,
  document: StripeDocument | undefined,
): Discrepancy[] {
  const actual = toExternalStatus(invoice);
  const found = { status: actual, amount_paid_minor: String(invoice.amount_paid) };
  const isLeft = document?.leaveAsDraft === true;
  const make = (name: FindingClass, expected: Record<string, unknown>): Discrepancy => ({
    class: name,
    subject: "",
    expected,
    found,
  });
  const discrepancies: Discrepancy[] = [];
  if (isVoid && standingOfInvoice(invoice) !== "closed") {
    discrepancies.push(make("void_here_open_there", { status: "VOID" }));
  }
  const isTakenBack = document?.collection?.wanted === "canceled";
  if (!isVoid && actual === "VOID" && !isTakenBack) {
    discrepancies.push(make("voided_there", { invoice_status: "FINALIZED" }));
  }
  if (actual === null && !isVoid && !isLeft && document !== undefined) {
    discrepancies.push(make("stuck_draft", { status: "FINALIZED" }));
  } else if (delivery === "SENT" && actual !== notedStatus) {
    discrepancies.push(make(classOf(notedStatus, actual, isLeft), { status: notedStatus }));
  }
  return discrepancies;
}
