import { minimumCharge } from "./currencies.ts";

export interface SettlementInput {
  /** Minor units; negative when credits exceed charges. */
  readonly total: bigint;
  /** The customer's balance in minor units: negative is credit, positive is debt. */
  readonly balance: bigint;
  readonly currency: string;
}

/** One change of the customer's balance; `amount` is added to it. */
export interface BalanceMove {
  readonly type: "applied_to_invoice" | "invoice_too_small";
  readonly amount: bigint;
  readonly endingBalance: bigint;
}

export interface Settlement {
  /** What the customer is asked to pay, never negative. */
  readonly amountDue: bigint;
  readonly startingBalance: bigint;
  readonly endingBalance: bigint;
  /** In order; empty when the balance does not move. */
  readonly moves: readonly BalanceMove[];
}

/**
 * What finalization does with the customer's balance: credit is used up, debt is added to the amount
 * due, a negative total becomes credit, and an amount under the currency's minimum is not charged but
 * carried over as debt to the next invoice (Stripe docs: Customer credit balance; Minimum charge).
 */
export function settle({ total, balance, currency }: SettlementInput): Settlement {
  const due = total + balance;
  const moves: BalanceMove[] = [];
  const credit = due < 0n ? due : 0n;
  if (credit !== balance) {
    moves.push({
      type: "applied_to_invoice",
      amount: credit - balance,
      endingBalance: credit,
    });
  }
  const tooSmall = due > 0n && due < minimumCharge(currency);
  if (tooSmall) moves.push({ type: "invoice_too_small", amount: due, endingBalance: due });
  return {
    amountDue: due > 0n && !tooSmall ? due : 0n,
    startingBalance: balance,
    endingBalance: tooSmall ? due : credit,
    moves,
  };
}
