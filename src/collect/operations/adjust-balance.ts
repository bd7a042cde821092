import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import {
  type BalanceTransactionRow,
  insertBalanceTransaction,
} from "../store/balance-transactions.ts";
import type { CustomerRow } from "../store/customers.ts";
import { changeCustomer } from "./change-customer.ts";
import { claimCurrency } from "./customer-currency.ts";

/** Twelve digits: what the balance can hold at most. */
const MAX_BALANCE = 999_999_999_999n;

export interface BalanceAdjustment {
  /** Minor units to add; negative = credit granted. */
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly type: "adjustment" | "initial";
  readonly description?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Moves a locked customer's balance by hand, with the transaction that explains it. */
export async function adjustBalance(
  scope: Scope,
  customer: CustomerRow,
  adjustment: BalanceAdjustment,
): Promise<{ customer: CustomerRow; transaction: BalanceTransactionRow }> {
  const { amountMinor, currency, type } = adjustment;
  const ending = customer.balance_minor + amountMinor;
  if (ending > MAX_BALANCE || ending < -MAX_BALANCE) {
    throw refused("amount_too_large", `The balance can be at most ${MAX_BALANCE}`, "amount");
  }
  await claimCurrency(scope, customer, currency);
  const changed = await changeCustomer(scope, customer, { balance_minor: ending, currency });
  const transaction = await insertBalanceTransaction(scope, {
    customer: customer.id,
    amountMinor,
    endingBalanceMinor: ending,
    currency,
    type,
    ...(adjustment.description === undefined ? {} : { description: adjustment.description }),
    ...(adjustment.metadata === undefined ? {} : { metadata: adjustment.metadata }),
  });
  return { customer: changed, transaction };
}
