import type { CoreTransaction } from "../db/database.ts";
import { dec, ZERO } from "../domain/decimal.ts";
import { NO_GATE, type PaymentGate } from "../domain/payments/payment-gate.ts";
import { instant, instantText, isAfter } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { findInvoiceRoute } from "../store/invoice-routes.ts";
import type { NewScheduleItem } from "../store/scheduled-charges.ts";
import type { CommitPlace, CommitTerms } from "./add-commit.ts";
import type { OperationContext } from "./context.ts";

/** Whether somebody has to pay before the commit may be burned. */
export const isGated = (gate: PaymentGate | undefined): gate is PaymentGate =>
  (gate ?? NO_GATE).type !== "NONE";

/** Callers' clocks may be a little ahead of ours; what is charged at once is not for later. */
const LEEWAY = { hours: 1 };

/** Refuses terms that cannot be charged at once, before anything is written. */
export async function checkPurchase(
  tx: CoreTransaction,
  ctx: OperationContext,
  terms: CommitTerms,
  place: CommitPlace,
  invoiceItems: readonly NewScheduleItem[],
  path: string,
): Promise<void> {
  const field = `${path}payment_gate_config`;
  const { contractId } = place;
  if (terms.type !== "PREPAID" || contractId === null) {
    throw invalid(`${field} is for PREPAID commits of a contract`, field);
  }
  const schedule = `${path}invoice_schedule`;
  const [item, ...more] = invoiceItems;
  if (item === undefined || more.length > 0 || terms.purchase?.doNotInvoice === true) {
    throw invalid(
      `${schedule} of a commit with a payment gate must have exactly one date that is invoiced`,
      schedule,
    );
  }
  if (isAfter(instant(item.at), ctx.now.add(LEEWAY))) {
    throw invalid(
      `${schedule} must not lie in the future: the commit is charged at once`,
      schedule,
    );
  }
  if (dec(item.amount).lte(ZERO)) {
    throw invalid(`${schedule} must be of more than 0, or there is nothing to pay`, schedule);
  }
  const { gate } = terms;
  if (gate?.type !== "PROVIDER") return;
  const { customerId } = place;
  const issuedAt = instantText(ctx.now);
  const route = await findInvoiceRoute(tx, { customerId, contractId, endAt: null, issuedAt });
  if (!collects(ctx, gate, route?.provider)) {
    throw invalid(
      `${field}.payment_gate_type needs a billing provider configuration of this provider on the contract or the customer`,
      field,
    );
  }
}

/** Whether the provider that the contract's invoices go to can collect as the gate asks for. */
export const collects = (
  { services }: Pick<OperationContext, "services">,
  { provider, method }: PaymentGate,
  routedTo: string | undefined,
): boolean =>
  provider !== null &&
  provider === routedTo &&
  (services.providers[provider]?.payments ?? []).includes(method);
