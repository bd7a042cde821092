import type { PayerDetails, PaymentOutcome } from "../db/money-tables.ts";
import { assertLineAmount } from "../domain/invoice-limits.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { getCustomer } from "../store/customers.ts";
import {
  insertPaymentRecord,
  lockPaymentRecord,
  type PaymentRecordRow,
  updatePaymentRecord,
} from "../store/payment-records.ts";

/** A payment that was made elsewhere. */
export interface PaymentReport {
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly customer: string | undefined;
  readonly payer: PayerDetails;
  readonly initiatedAt: string;
  /** undefined: it is on its way. */
  readonly outcome: PaymentOutcome | undefined;
  readonly endedAt: string | undefined;
  readonly description: string | undefined;
  readonly methodName: string | undefined;
  readonly methodType: string | undefined;
  readonly paymentReference: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Records a payment. Throws 400 for what is no amount, 404 for an unknown customer. */
export async function reportPayment(
  scope: Scope,
  report: PaymentReport,
): Promise<PaymentRecordRow> {
  assertLineAmount(report.amountMinor, report.currency, "amount_requested[value]");
  if (report.customer !== undefined) {
    await getCustomer(scope, report.customer, "customer_details[customer]");
  }
  return insertPaymentRecord(scope, {
    id: newId("pr"),
    customer: report.customer ?? null,
    currency: report.currency,
    requested_minor: report.amountMinor,
    initiated_at: report.initiatedAt,
    ended_at: report.endedAt ?? null,
    outcome: report.outcome ?? null,
    description: report.description ?? null,
    customer_details: JSON.stringify(report.payer),
    method_name: report.methodName ?? null,
    method_type: report.methodType ?? null,
    payment_reference: report.paymentReference ?? null,
    metadata: JSON.stringify(report.metadata),
  });
}

/** Says how a payment that was on its way ended. Throws 400 when it has ended already. */
export async function reportOutcome(
  scope: Scope,
  id: string,
  outcome: PaymentOutcome,
  endedAt: string,
): Promise<PaymentRecordRow> {
  const row = await lockPaymentRecord(scope, id);
  if (row.outcome === null) {
    return updatePaymentRecord(scope, id, { outcome, ended_at: endedAt });
  }
  throw refused("invalid_argument", `The payment was reported as ${row.outcome} already.`);
}

/** Records that money went back elsewhere, all of what is left or a part. Throws 400 beyond that. */
export async function reportRefund(
  scope: Scope,
  id: string,
  amount: { readonly minor: bigint; readonly currency: string } | undefined,
): Promise<PaymentRecordRow> {
  const row = await lockPaymentRecord(scope, id);
  if (row.outcome !== "guaranteed") {
    throw refused("invalid_argument", "Only a payment that arrived can go back.");
  }
  const left = row.requested_minor - row.refunded_minor;
  if (amount !== undefined && amount.currency !== row.currency) {
    throw refused("invalid_argument", `The payment is in ${row.currency}.`, "amount[currency]");
  }
  const wanted = amount?.minor ?? left;
  if (wanted <= 0n || wanted > left) {
    throw refused(
      "invalid_argument",
      `Of this payment ${left} are left to go back.`,
      "amount[value]",
    );
  }
  return updatePaymentRecord(scope, id, { refunded_minor: row.refunded_minor + wanted });
}
