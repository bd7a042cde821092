import type { Commit } from "../commits/commit.ts";
import type { GroupValues } from "../metering/rollup.ts";
import type { BillingFrequency } from "../period.ts";
import { type Instant, type Interval, isAfter, isBefore } from "../time.ts";
import type { Override, OverrideSpecifier } from "./override.ts";

/** A product as specifiers see it. */
export interface OverridableProduct {
  readonly productId: string;
  readonly productTags: readonly string[];
}

/** The usage, or the units of a subscription, of one line. */
export interface OverridableUsage extends OverridableProduct {
  readonly pricing: GroupValues;
  readonly presentation: GroupValues;
  /** Of a subscription; absent: usage. */
  readonly billingFrequency?: BillingFrequency;
}

/** Whether the override is for some usage of the product. */
export const concernsProduct = (override: Override, product: OverridableProduct): boolean =>
  override.specifiers.some((specifier) => meetsProduct(specifier, product));

/** Who pays, as specifiers name it: by its own id, or by what spawned it. */
export type OverridePayer = Pick<Commit, "id" | "recurring">;

/** Whether the override is for this usage; `payer` pays for it, undefined: some commit may. */
export const concernsUsage = (
  { isCommitSpecific, specifiers }: Override,
  usage: OverridableUsage,
  payer?: OverridePayer,
): boolean =>
  specifiers.some(
    (specifier) =>
      meetsProduct(specifier, usage) &&
      specifier.billingFrequency === (usage.billingFrequency ?? null) &&
      hasValues(usage.pricing, specifier.pricingGroupValues) &&
      hasValues(usage.presentation, specifier.presentationGroupValues) &&
      (!isCommitSpecific ||
        payer === undefined ||
        (specifier.commitIds?.some((id) => names(id, payer)) ?? true)),
  );

const names = (id: string, { id: payerId, recurring }: OverridePayer): boolean =>
  id === payerId || id === recurring?.recurringCommitId;

const meetsProduct = (
  { productId, productTags }: OverrideSpecifier,
  product: OverridableProduct,
): boolean =>
  (productId === null || productId === product.productId) &&
  productTags.every((tag) => product.productTags.includes(tag));

const hasValues = (values: GroupValues, wanted: GroupValues): boolean =>
  Object.entries(wanted).every(([name, value]) => values[name] === value);

/** Whether the override is in force in the hour that begins at `at`. */
export const isInForce = ({ startingAt, endingBefore }: Override, at: Instant): boolean =>
  !isAfter(startingAt, at) && (endingBefore === null || isBefore(at, endingBefore));

/** The instants inside the stretch at which an override begins or ends, unsorted. */
export const overrideEdges = (overrides: readonly Override[], stretch: Interval): Instant[] =>
  overrides
    .flatMap(({ startingAt, endingBefore }) => [startingAt, endingBefore])
    .filter((edge) => edge !== null)
    .filter((edge) => isAfter(edge, stretch.start) && isBefore(edge, stretch.end));
