import { findCreditType } from "../../domain/credit-type.ts";
import { allocateMinor } from "../../domain/money.ts";
import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import type { Plan } from "../delivery-step.ts";
import type { PlannedConnection, RouteOptions } from "../provider-connection.ts";
import type { WantedDocument } from "./document.ts";

const refuse = (code: string, message: string) => ({ outcome: "refuse", code, message }) as const;

/** The document for an invoice, or why there will be none: its lines of money as amounts. Pure. */
export function toWantedDocument(
  invoice: DeliverableInvoice,
  { payer }: RouteOptions,
  { settings }: PlannedConnection,
): Plan<WantedDocument> {
  if (typeof settings.base_url !== "string") {
    return refuse("base_url_missing", "The connection's settings name no base_url.");
  }
  if (typeof payer !== "string") {
    return refuse("payer_missing", "The billing configuration names no payer.");
  }
  const creditType = findCreditType(invoice.creditTypeId);
  if (creditType === undefined) {
    return refuse("currency_not_supported", "The invoice is not in a currency.");
  }
  const sent = invoice.lines.filter(
    (line) =>
      line.creditTypeId === invoice.creditTypeId &&
      !(line.type === "applied_commit_or_credit" && line.commit?.type === "POSTPAID"),
  );
  if (sent.length === 0) return { outcome: "skip", reason: "There is nothing to pay." };
  const { amountsMinor, totalMinor } = allocateMinor(
    sent.map(({ total }) => total),
    creditType,
    invoice.conventions,
  );
  const lines = sent.map(({ lineKey, name }, index) => ({
    key: lineKey,
    description: name,
    amount_minor: String(amountsMinor[index] ?? 0n),
  }));
  const currency = creditType.currency.code;
  const document = { reference: invoice.id, payer, currency, lines, totalMinor };
  return { outcome: "send", document };
}
