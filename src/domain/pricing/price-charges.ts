import type { Decimal } from "../decimal.ts";
import { type Charge, toCharge } from "./charge.ts";
import { rateGraduated } from "./graduated.ts";
import type { Rate } from "./rate.ts";

/**
 * What a rate charges for the running quantity's way from `before` to `after`. A new rate type is
 * one more case and one more file.
 */
export function priceCharges(rate: Rate, before: Decimal, after: Decimal): Charge[] {
  switch (rate.type) {
    case "FLAT":
      return [toCharge(null, before, after, rate.price)];
    case "TIERED":
      return rateGraduated(rate.tiers, before, after);
  }
}
