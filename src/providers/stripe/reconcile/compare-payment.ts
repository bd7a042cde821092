import type Stripe from "stripe";
import type { FindingClass } from "../../../domain/reconciliation/finding-class.ts";
import type { Discrepancy } from "../../reconciliation.ts";
import { toPaymentExternal } from "../payment-step.ts";
import { compareMetadata } from "./compare-metadata.ts";
import type { DeliveredDocument } from "./delivered-document.ts";
import { standingOfPayment } from "./inspect.ts";

const UNPAID = new Set(["FINALIZED", "PAYMENT_FAILED"]);

function classOf(noted: string | null, actual: string | null): FindingClass {
  if (actual === "PAID" && noted !== null && UNPAID.has(noted)) return "open_here_paid_there";
  if (noted === "PAID" && actual !== null && UNPAID.has(actual)) return "paid_here_open_there";
  return "status_missed";
}

/** What of a payment without an invoice is not as it was sent, or as we noted it. Pure. */
export function comparePayment(
  { document, delivery, isVoid, notedStatus }: DeliveredDocument,
  intent: Stripe.PaymentIntent,
): Discrepancy[] {
  const { status } = toPaymentExternal(intent);
  const discrepancies: Discrepancy[] = [];
  const add = (name: FindingClass, expected: object, found: object) =>
    discrepancies.push({
      class: name,
      subject: "",
      expected: { ...expected },
      found: { ...found },
    });
  if (isVoid && standingOfPayment(intent) !== "closed") {
    add("void_here_open_there", { status: "VOID" }, { status });
  }
  if (document?.kind === "payment" && !isVoid) {
    const payer = typeof intent.customer === "string" ? intent.customer : intent.customer?.id;
    if (payer !== document.customer) {
      add("customer_changed", { customer: document.customer }, { customer: payer ?? null });
    }
    if (intent.currency !== document.currency) {
      add("currency_differs", { currency: document.currency }, { currency: intent.currency });
    }
    if (BigInt(intent.amount) !== document.amountMinor) {
      const expected = { total_minor: document.amountMinor.toString() };
      add("edited_total", expected, { total_minor: String(intent.amount) });
    }
    discrepancies.push(...compareMetadata(document.metadata, intent.metadata));
  }
  if (delivery === "SENT" && status !== notedStatus) {
    add(classOf(notedStatus, status), { status: notedStatus }, { status });
  }
  return discrepancies;
}
