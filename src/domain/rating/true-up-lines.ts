import type { BurningSegment } from "../commits/purse.ts";
import { type TrueUp, toTrueUp } from "../commits/true-up.ts";
import type { Contract } from "../contracts/contract.ts";
import { ONE, ZERO } from "../decimal.ts";
import type { DrawDown } from "../invoices/invoice.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { type Instant, sameInstant } from "../time.ts";
import type { Catalog } from "./catalog.ts";
import { compareText } from "./compare-text.ts";
import { toScheduledLine } from "./scheduled-lines.ts";

/** True-ups of one invoice, and what they take from their segments. */
export interface TrueUpLines {
  readonly lines: readonly InvoiceLine[];
  readonly trueUps: readonly DrawDown[];
}

/**
 * The true-ups that a contract bills at one instant, by name and id. Call it when every invoice of
 * the run has burned what it burns: a true-up bills the rest, whenever it is dated. It shows at 0
 * as well, so that the item of the schedule counts as billed.
 */
export function trueUpLines(
  catalog: Catalog,
  contract: Contract,
  purse: readonly BurningSegment[],
  at: Instant,
): TrueUpLines {
  const due = purse
    .filter(({ commit }) => commit.type === "POSTPAID" && commit.invoiceContractId === contract.id)
    .flatMap((burning) =>
      burning.commit.invoiceSchedule
        .filter((item) => sameInstant(item.at, at))
        .map((item) => ({ burning, item, trueUp: toTrueUp(burning) })),
    )
    .sort((a, b) => compareText(keyOf(a.trueUp), keyOf(b.trueUp)));
  return {
    lines: due.map(({ burning: { commit }, item, trueUp }) => ({
      ...toScheduledLine(catalog, "commit_purchase", commit, {
        ...item,
        quantity: ONE,
        unitPrice: trueUp.amount,
        amount: trueUp.amount,
      }),
      name: `${trueUp.name} true-up`,
      commit: { commitId: trueUp.commitId, segmentId: trueUp.segmentId, type: "POSTPAID" },
      trace: [toStep(trueUp)],
    })),
    trueUps: due.map(({ trueUp: { commitId, segmentId, amount } }) => ({
      commitId,
      segmentId,
      commitType: "POSTPAID",
      amount,
      at,
    })),
  };
}

const toStep = ({ commitId, segmentId, committed, applied, rolledOver, amount }: TrueUp) =>
  ({
    step: "true-up",
    commitId,
    segmentId,
    committed,
    applied,
    ...(rolledOver.eq(ZERO) ? {} : { rolledOver }),
    amount,
  }) as const;

const keyOf = ({ name, commitId }: TrueUp): string => `${name} ${commitId}`;
