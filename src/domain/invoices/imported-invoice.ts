import type { CustomFields } from "../custom-fields/entity.ts";
import type { Decimal } from "../decimal.ts";
import type { GroupValues } from "../metering/rollup.ts";
import type { StatedQuantity } from "../rating/stated-quantity.ts";
import type { Instant, Interval } from "../time.ts";
import type { BillableStatus } from "./billable-status.ts";

/** How finely an imported invoice's quantities are broken down. */
export type Granularity = "HOUR" | "DAY";

/** What an imported line says that it used: one quantity, or one for each of several windows. */
export interface ImportedLine {
  readonly productId: string;
  readonly window: Interval;
  readonly pricingGroupValues: GroupValues;
  readonly presentationGroupValues: GroupValues;
  /** undefined: there are subtotals. */
  readonly quantity: Decimal | undefined;
  readonly subtotals:
    | readonly { readonly window: Interval; readonly quantity: Decimal }[]
    | undefined;
}

/** An invoice that was issued elsewhere. Its amounts come from the contract's prices. */
export interface ImportedInvoice {
  readonly customerId: string;
  readonly contractId: string;
  readonly creditTypeId: string;
  readonly period: Interval;
  readonly issuedAt: Instant;
  readonly granularity: Granularity | undefined;
  readonly billableStatus: BillableStatus;
  /** What the customer was billed, in the wire unit of the credit type; undefined: not told. */
  readonly billedTotal: Decimal | undefined;
  readonly customFields: CustomFields | undefined;
  readonly lines: readonly ImportedLine[];
}

/** The quantities that a line states, one for each of its windows. */
export function statedQuantities(line: ImportedLine): StatedQuantity[] {
  const { productId, pricingGroupValues, presentationGroupValues, window, quantity } = line;
  const parts = line.subtotals ?? (quantity === undefined ? [] : [{ window, quantity }]);
  return parts.map((part) => ({ productId, pricingGroupValues, presentationGroupValues, ...part }));
}
