import { type Interval, isAfter, isBefore } from "../time.ts";
import type { Commit, CommitSegment } from "./commit.ts";

/** What a line must tell for a commit to know whether it may pay for it. */
export interface CoverableProduct {
  readonly productId: string;
  readonly productTags: readonly string[];
}

/**
 * Whether the commit may pay for lines of this product: it names the product or one of its tags, or
 * it names nothing at all.
 */
export function coversProduct(commit: Commit, product: CoverableProduct): boolean {
  const { applicableProductIds: ids, applicableProductTags: tags } = commit;
  if (ids === null && tags === null) return true;
  if (ids?.includes(product.productId)) return true;
  return tags?.some((tag) => product.productTags.includes(tag)) ?? false;
}

/** Whether the contract's invoices may burn the commit. */
export const servesContract = (commit: Commit, contractId: string): boolean =>
  commit.contractId === null
    ? (commit.applicableContractIds?.includes(contractId) ?? true)
    : commit.contractId === contractId;

/** Whether the whole window lies inside the segment's access window. */
export const coversWindow = (segment: CommitSegment, window: Interval): boolean =>
  !isBefore(window.start, segment.startingAt) && !isAfter(window.end, segment.endingBefore);
