import type { GroupValues } from "../metering/rollup.ts";
import { type Interval, isAfter, isBefore } from "../time.ts";
import type { Commit, CommitSegment, CommitSpecifier } from "./commit.ts";

/** What a line must tell for a commit to know whether it may pay for it. */
export interface CoverableProduct {
  readonly productId: string;
  readonly productTags: readonly string[];
}

export interface CoverableLine extends CoverableProduct {
  readonly pricingGroupValues: GroupValues | null;
  readonly presentationGroupValues: GroupValues | null;
}

/**
 * Whether the commit may pay for lines of this product, or for some of them: it names the product
 * or one of its tags, a specifier meets the product, or it names nothing at all.
 */
export function coversProduct(commit: Commit, product: CoverableProduct): boolean {
  const { applicableProductIds: ids, applicableProductTags: tags, specifiers } = commit;
  if (specifiers !== null) return specifiers.some((specifier) => meetsProduct(specifier, product));
  if (ids === null && tags === null) return true;
  if (ids?.includes(product.productId)) return true;
  return tags?.some((tag) => product.productTags.includes(tag)) ?? false;
}

/** Whether the commit may pay for this line: as coversProduct, and its group values fit as well. */
export function coversLine(commit: Commit, line: CoverableLine): boolean {
  const { specifiers } = commit;
  if (specifiers === null) return coversProduct(commit, line);
  return specifiers.some(
    (specifier) =>
      meetsProduct(specifier, line) &&
      hasValues(line.pricingGroupValues, specifier.pricingGroupValues) &&
      hasValues(line.presentationGroupValues, specifier.presentationGroupValues),
  );
}

const meetsProduct = (specifier: CommitSpecifier, product: CoverableProduct): boolean =>
  (specifier.productId === null || specifier.productId === product.productId) &&
  (specifier.productTags?.every((tag) => product.productTags.includes(tag)) ?? true);

const hasValues = (values: GroupValues | null, wanted: GroupValues | null): boolean =>
  wanted === null || Object.entries(wanted).every(([key, value]) => values?.[key] === value);

/** Whether the contract's invoices may burn the commit. */
export const servesContract = (commit: Commit, contractId: string): boolean =>
  commit.contractId === null
    ? (commit.applicableContractIds?.includes(contractId) ?? true)
    : commit.contractId === contractId;

/** Whether the whole window lies inside the segment's access window. */
export const coversWindow = (segment: CommitSegment, window: Interval): boolean =>
  !isBefore(window.start, segment.startingAt) && !isAfter(window.end, segment.endingBefore);
