import type { ProrationBasis } from "../conventions.ts";
import type { Decimal } from "../decimal.ts";
import type { Aggregation } from "../metering/metric.ts";
import type { PriceChange } from "../overrides/override.ts";
import type { QuantityConversion, RoundingMethod } from "../pricing/product.ts";
import type { Rate, RatePrice } from "../pricing/rate.ts";
import type { AmountRounding } from "../round-quotient.ts";
import type { Instant } from "../time.ts";

/**
 * One step from events to the amount of a line. Steps hold every number the step used, so that an
 * explanation is a reading of them and never a second computation.
 */
export type TraceStep =
  | {
      /** The metric's running value since the start of the billing period, at both window edges. */
      readonly step: "usage";
      readonly metricId: string;
      readonly aggregation: Aggregation;
      readonly windowStart: Instant;
      readonly windowEnd: Instant;
      readonly valueAtStart: Decimal;
      readonly valueAtEnd: Decimal;
      /** Events counted in the window; null for UNIQUE, whose events are not in rollups. */
      readonly eventCount: bigint | null;
    }
  | {
      /** What an imported invoice states for the window, in `windowCount` parts: final as it is. */
      readonly step: "stated";
      readonly windowStart: Instant;
      readonly windowEnd: Instant;
      readonly quantity: Decimal;
      readonly windowCount: number;
    }
  | ({
      readonly step: "conversion";
      /** Running value after conversion, at both window edges. */
      readonly valueAtStart: Decimal;
      readonly valueAtEnd: Decimal;
    } & QuantityConversion)
  | {
      readonly step: "rounding";
      readonly method: RoundingMethod;
      readonly decimalPlaces: number;
      readonly valueAtStart: Decimal;
      readonly valueAtEnd: Decimal;
    }
  | {
      readonly step: "rate";
      readonly rateId: string;
      readonly rateType: Rate["type"];
      readonly rateStartingAt: Instant;
    }
  | {
      /** An override of the contract opens the product to it. */
      readonly step: "access";
      readonly overrideId: string;
    }
  | {
      /** The commit that pays burns at the rate's commit rate, not at its list rate. */
      readonly step: "commit-rate";
      readonly rateType: RatePrice["type"];
    }
  | {
      /** An override of the contract made the price from the one that is listed. */
      readonly step: "override";
      readonly overrideId: string;
      readonly overrideType: PriceChange["type"];
      readonly isCommitSpecific: boolean;
      readonly listed: RatePrice;
      readonly price: RatePrice;
    }
  | {
      /** The part of the window's quantity that falls into one tier. */
      readonly step: "tier";
      readonly level: number;
      readonly startingAt: Decimal;
      readonly size: Decimal | null;
      readonly quantityBefore: Decimal;
      readonly quantityAfter: Decimal;
    }
  | {
      /** Units in whole blocks, as running values at both window edges. */
      readonly step: "package";
      readonly packageSize: Decimal;
      readonly unitsBefore: Decimal;
      readonly unitsAfter: Decimal;
      readonly blocksBefore: Decimal;
      readonly blocksAfter: Decimal;
    }
  | {
      /** What the billing period's whole quantity is, which picks the tier of all its units. */
      readonly step: "volume";
      readonly periodQuantity: Decimal;
    }
  | {
      /** The fee of a tier; a negative amount gives it back. */
      readonly step: "tier-fee";
      readonly fee: Decimal;
      readonly amount: Decimal;
      /** Due in a period without usage too; absent: with use. */
      readonly due?: "EVERY_PERIOD";
    }
  | {
      /** What the rate's maximum leaves of an amount; `spentBefore` counts from the period's start. */
      readonly step: "maximum";
      readonly maximum: Decimal;
      readonly spentBefore: Decimal;
      readonly ofAmount: Decimal;
      readonly amount: Decimal;
    }
  | {
      /** What was missing to the rate's minimum. */
      readonly step: "minimum";
      readonly minimum: Decimal;
      readonly spent: Decimal;
      readonly amount: Decimal;
    }
  | {
      /** What the products of a composite cost from the start of the period to both window edges. */
      readonly step: "spend";
      readonly productIds: readonly string[];
      readonly spendBefore: Decimal;
      readonly spendAfter: Decimal;
    }
  | {
      readonly step: "price";
      readonly quantity: Decimal;
      readonly unitPrice: Decimal;
      readonly amount: Decimal;
    }
  | {
      /** A segment paid for `amount`; its balance went from `before` to `after`. */
      readonly step: "commit";
      readonly commitId: string;
      readonly segmentId: string;
      readonly before: Decimal;
      readonly amount: Decimal;
      readonly after: Decimal;
    }
  | {
      /**
       * What an invoice's lines in a custom pricing unit cost, what commits and credits in the unit
       * paid of it, and the rest in the invoice's currency.
       */
      readonly step: "cpu-conversion";
      readonly unitId: string;
      readonly priced: Decimal;
      readonly burned: Decimal;
      readonly quantity: Decimal;
      readonly fiatPerUnit: Decimal;
      readonly amount: Decimal;
    }
  | {
      /** What a postpaid commit's usage left unpaid of it. */
      readonly step: "true-up";
      readonly commitId: string;
      readonly segmentId: string;
      readonly committed: Decimal;
      readonly applied: Decimal;
      /** Owed on the contract that follows instead; absent: nothing. */
      readonly rolledOver?: Decimal;
      readonly amount: Decimal;
    }
  | {
      /** The line is a part of a larger one: what a commit covered, or what no commit did. */
      readonly step: "split";
      readonly part: "covered" | "remainder";
      readonly ofQuantity: Decimal;
      readonly ofAmount: Decimal;
      readonly quantity: Decimal;
      readonly amount: Decimal;
    }
  | {
      /** A price for less than a period: its share, `part` of `whole` in what the basis counts. */
      readonly step: "proration";
      readonly startingAt: Instant;
      readonly endingBefore: Instant;
      readonly periodStart: Instant;
      readonly periodEnd: Instant;
      readonly basis: ProrationBasis;
      /** Milliseconds by time, else days. */
      readonly part: Decimal;
      readonly whole: Decimal;
      readonly price: Decimal;
      readonly unitPrice: Decimal;
    }
  | ({
      /** The prorated price of one unit, rounded as the subscription says. */
      readonly step: "proration-rounding";
      readonly price: Decimal;
      readonly unitPrice: Decimal;
    } & AmountRounding)
  | {
      /** What a recurring commit bills for a period, times the share of it that counts. */
      readonly step: "recurring-period";
      readonly recurringCommitId: string;
      readonly periodStart: Instant;
      readonly periodEnd: Instant;
      readonly countedFrom: Instant;
      readonly countedUntil: Instant;
      readonly basis: ProrationBasis;
      readonly part: Decimal;
      readonly whole: Decimal;
      readonly quantity: Decimal;
      readonly unitPrice: Decimal;
      readonly amount: Decimal;
    }
  | {
      /**
       * A threshold was reached: what stood at it and what is granted, in the credit type; what one of
       * it costs, and what of that is paid.
       */
      readonly step: "threshold";
      readonly measure: "balance" | "unpaid_usage";
      readonly measured: Decimal;
      readonly threshold: Decimal;
      readonly creditTypeId: string;
      readonly grants: Decimal;
      readonly unitPrice: Decimal;
      readonly paymentFraction: Decimal;
      readonly amount: Decimal;
    }
  | {
      /** What is billed of a line once more, because usage arrived when its invoice was final. */
      readonly step: "correction";
      readonly invoiceId: string;
      readonly billed: Decimal;
      readonly due: Decimal;
      readonly amount: Decimal;
    }
  | {
      /** Tax that the caller computed and gave with the purchase. */
      readonly step: "tax";
      readonly source: "precalculated";
      readonly amount: Decimal;
    }
  | {
      readonly step: "schedule";
      readonly scheduleItemId: string;
      readonly at: Instant;
      readonly quantity: Decimal;
      readonly unitPrice: Decimal;
      readonly amount: Decimal;
    };
