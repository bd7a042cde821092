import type { CommitType } from "../commits/commit.ts";
import type { ProductType } from "../pricing/product.ts";

/** What lines call the types of products. */
export const PRODUCT_WORDS = {
  USAGE: "UsageProductListItem",
  SUBSCRIPTION: "SubscriptionProductListItem",
  COMPOSITE: "CompositeProductListItem",
  FIXED: "FixedProductListItem",
} as const satisfies Record<ProductType, string>;

/** What lines call the types of commits. Credits are prepaid commits to the reader of an invoice. */
export const COMMIT_WORDS = {
  PREPAID: "PrepaidCommit",
  CREDIT: "PrepaidCommit",
  POSTPAID: "PostpaidCommit",
} as const satisfies Record<CommitType, string>;
