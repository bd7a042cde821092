import type Stripe from "stripe";
import type { BalanceTransactionRow } from "../store/balance-transactions.ts";
import { toUnix, toWireAmount, type Wire } from "../wire.ts";

/** One movement of a customer's credit balance as Stripe's API shows it. */
export const toBalanceTransaction = (
  row: BalanceTransactionRow,
): Wire<Stripe.CustomerBalanceTransaction> => ({
  id: row.id,
  object: "customer_balance_transaction",
  amount: toWireAmount(row.amount_minor),
  checkout_session: null,
  created: toUnix(row.created_at),
  credit_note: row.credit_note,
  currency: row.currency,
  customer: row.customer,
  customer_account: null,
  description: row.description,
  ending_balance: toWireAmount(row.ending_balance_minor),
  invoice: row.invoice,
  livemode: row.livemode,
  metadata: row.metadata,
  type: row.type,
});
