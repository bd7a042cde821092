import { insertMail } from "../../platform/mail/outbox.ts";
import { dayText, money, sellerLines } from "../pages/invoice-printable.ts";
import type { Scope } from "../scope.ts";
import type { WireInvoice } from "../serializers/to-invoice.ts";
import type { InvoiceRow } from "../store/invoices.ts";
import { recordEvent } from "./record-event.ts";
import { renderInvoice } from "./render-invoice.ts";

/** The kind of the jobs that hand a mail to the mail server. */
export const SEND_MAIL = "send-mail";
/** A mail server that is down for a day does not lose a mail. */
const MAX_ATTEMPTS = 20;

/** What is to be paid and by when; of a paid invoice no more than its total. */
function amountLines({ status, total, amount_remaining, currency, due_date }: WireInvoice) {
  if (status === "paid") return [`Amount: ${money(total, currency)}`];
  const amount = `Amount due: ${money(amount_remaining, currency)}`;
  return due_date === null ? [amount] : [amount, `Due date: ${dayText(due_date)}`];
}

function toText(scope: Scope, invoice: WireInvoice): string {
  const seller = sellerLines(scope.account);
  const lines = [
    `${seller[0]} has sent you an invoice.`,
    "",
    ...amountLines(invoice),
    `Invoice number: ${invoice.number}`,
    "",
    `See and download the invoice: ${invoice.hosted_invoice_url}`,
  ];
  const { payment_instructions: instructions } = scope.account;
  if (instructions !== null && invoice.status !== "paid")
    lines.push("", "How to pay:", instructions);
  lines.push("", "--", ...seller);
  return lines.join("\n");
}

/**
 * Tells that a finalized invoice goes to its customer, and mails it: the amount, when it is due, the
 * link to its page, how to pay. A customer without an address gets no mail. Event, mail and the
 * promise to send it commit together.
 */
export async function announceSent(scope: Scope, invoice: InvoiceRow): Promise<void> {
  const object = await renderInvoice(scope, invoice);
  recordEvent(scope, { type: "invoice.sent", object });
  const to = object.customer_email;
  if (to === null || to === "") return;
  const seller = sellerLines(scope.account)[0];
  const id = await insertMail(scope.tx, {
    environment: scope.base.clock,
    to,
    subject: `${scope.livemode ? "" : "[Test] "}Invoice ${object.number} from ${seller}`,
    text: toText(scope, object),
    createdAt: scope.base.nowAt,
    isSent: scope.sendsMail,
  });
  if (!scope.sendsMail) return;
  scope.followUps.jobs.push({
    clock: scope.base.clock,
    kind: SEND_MAIL,
    key: id,
    payload: { mail: id, livemode: scope.livemode },
    dueAt: scope.base.nowAt,
    maxAttempts: MAX_ATTEMPTS,
  });
}
