import { ONE, sum } from "../domain/decimal.ts";
import type { TraceStep } from "../domain/invoices/trace.ts";
import {
  decideRecharge,
  decideSpend,
  type ThresholdPurchase,
} from "../domain/thresholds/decide-recharge.ts";
import { unpaidUsage } from "../domain/thresholds/unpaid-usage.ts";
import type { Instant, Interval } from "../domain/time.ts";
import { assert } from "../errors.ts";
import type { CommitRecord } from "../store/commits.ts";
import type { ContractRow } from "../store/contracts.ts";
import type { ThresholdConfiguration } from "../store/threshold-configurations.ts";
import type { OperationContext } from "./context.ts";
import { loadCommitDetails } from "./load-commit-details.ts";
import { rateDrafts } from "./rate-drafts.ts";
import { findUnitPrice } from "./threshold-unit.ts";

/** A commit that a threshold calls for, and how the amounts came about. */
export interface MeasuredPurchase extends ThresholdPurchase {
  readonly access: Interval;
  readonly step: TraceStep;
}

/** How long a recharge can be used (docs/payment-gates.md). */
const RECHARGE_DAYS = 365;
const HOUR_MS = 3_600_000;

/** Access is given by the hour: what was used in the hour of the recharge may burn it. */
const hourOf = (at: Instant): Instant =>
  at.subtract({ milliseconds: at.epochMilliseconds % HOUR_MS }).round("hour");

/**
 * What the contract's balance calls for: what it and its customer can burn now of prepaid commits and
 * credits in the threshold's unit, after what drafts reserve. null while it is above the threshold.
 */
export async function measureBalance(
  ctx: OperationContext,
  { threshold, rechargeTo, paymentFraction, customCreditTypeId }: ThresholdConfiguration,
  contract: ContractRow,
  commits: readonly CommitRecord[],
): Promise<MeasuredPurchase | null> {
  const creditTypeId = customCreditTypeId ?? contract.fiat_credit_type_id;
  const unitPrice = await findUnitPrice(ctx, customCreditTypeId, contract.rate_card_id);
  assert(unitPrice !== undefined, `the card of contract ${contract.id} has its threshold's unit`);
  const counted = commits.filter((commit) => countsFor(commit, contract, creditTypeId));
  const choice = { balance: true, ledgers: false };
  const details = await loadCommitDetails(ctx, contract.customer_id, counted, choice);
  const balance = sum(details.flatMap(({ balance }) => (balance === undefined ? [] : [balance])));
  const fraction = paymentFraction ?? ONE;
  const purchase = decideRecharge(balance, {
    threshold,
    rechargeTo: rechargeTo ?? threshold,
    unitPrice,
    paymentFraction: fraction,
  });
  if (purchase === null) return null;
  const start = hourOf(ctx.now);
  return {
    ...purchase,
    access: { start, end: start.add({ hours: RECHARGE_DAYS * 24 }) },
    step: toStep(purchase, {
      measure: "balance",
      measured: balance,
      threshold,
      creditTypeId,
      unitPrice,
      paymentFraction: fraction,
    }),
  };
}

/** Postpaid value is no balance: nobody has paid for it. What is granted to single seats is nobody else's. */
const countsFor = ({ row }: CommitRecord, contract: ContractRow, creditTypeId: string): boolean =>
  row.type !== "POSTPAID" &&
  row.recurring_plan?.seats === undefined &&
  row.access_credit_type_id === creditTypeId &&
  (row.contract_id === contract.id ||
    (row.contract_id === null && (row.applicable_contract_ids?.includes(contract.id) ?? true)));

/** What the contract's unpaid usage calls for; null while it is below the threshold. */
export async function measureSpend(
  ctx: OperationContext,
  { threshold, paymentFraction }: ThresholdConfiguration,
  contract: ContractRow,
): Promise<MeasuredPurchase | null> {
  const { drafts } = await rateDrafts(ctx, contract.customer_id);
  const unpaid = unpaidUsage(
    drafts.map(({ rated }) => rated),
    contract.id,
  );
  if (unpaid === undefined) return null;
  const fraction = paymentFraction ?? ONE;
  const purchase = decideSpend(unpaid.amount, { threshold, paymentFraction: fraction });
  if (purchase === null) return null;
  const step = toStep(purchase, {
    measure: "unpaid_usage",
    measured: unpaid.amount,
    threshold,
    creditTypeId: contract.fiat_credit_type_id,
    unitPrice: ONE,
    paymentFraction: fraction,
  });
  return { ...purchase, access: unpaid.span, step };
}

type ThresholdStep = Extract<TraceStep, { readonly step: "threshold" }>;

const toStep = (
  { grants, costs }: ThresholdPurchase,
  measured: Omit<ThresholdStep, "step" | "grants" | "amount">,
): ThresholdStep => ({ step: "threshold", ...measured, grants, amount: costs });
