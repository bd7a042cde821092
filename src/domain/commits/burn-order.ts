import type { Decimal } from "../decimal.ts";
import { type Instant, Temporal } from "../time.ts";
import type { CoverableProduct } from "./applicability.ts";
import { coversProduct } from "./applicability.ts";
import type { Commit, CommitSegment, CommitType } from "./commit.ts";

/** What decides which of two segments burns first. Counts of "all" are infinite. */
export interface BurnRank {
  readonly type: CommitType;
  readonly isRollover: boolean;
  readonly priority: Decimal;
  readonly isFree: boolean;
  readonly productCount: number;
  readonly specifierCount: number;
  readonly endingBefore: Instant;
  readonly startingAt: Instant;
  readonly contractCount: number;
  readonly isContractLevel: boolean;
  /** Last resort, so that the order is total. */
  readonly id: string;
}

type Rule = (a: BurnRank, b: BurnRank) => number;

const falseFirst = (a: boolean, b: boolean): number => Number(a) - Number(b);
/** Not a subtraction: two infinite counts are equal, not NaN. */
const fewerFirst = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

const rolloverFirst: Rule = (a, b) => falseFirst(b.isRollover, a.isRollover);
const postpaidLast: Rule = (a, b) => falseFirst(a.type === "POSTPAID", b.type === "POSTPAID");
const priority: Rule = (a, b) => a.priority.cmp(b.priority);
const freeFirst: Rule = (a, b) => falseFirst(b.isFree, a.isFree);
const fewestProducts: Rule = (a, b) => fewerFirst(a.productCount, b.productCount);
const fewestSpecifiers: Rule = (a, b) => fewerFirst(a.specifierCount, b.specifierCount);
const endsFirst: Rule = (a, b) => Temporal.Instant.compare(a.endingBefore, b.endingBefore);
const startsFirst: Rule = (a, b) => Temporal.Instant.compare(a.startingAt, b.startingAt);
const fewestContracts: Rule = (a, b) => fewerFirst(a.contractCount, b.contractCount);
const contractFirst: Rule = (a, b) => falseFirst(b.isContractLevel, a.isContractLevel);
const byId: Rule = (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/**
 * The order in which value is burned (Metronome docs: "Commit and credit application order").
 * Kinds come before priority: rollovers, then prepaid commits together with credits, then postpaid.
 */
const BETWEEN_KINDS: readonly Rule[] = [rolloverFirst, postpaidLast];
const AMONG_PREPAID_AND_POSTPAID: readonly Rule[] = [
  priority,
  freeFirst,
  fewestProducts,
  fewestSpecifiers,
  endsFirst,
  startsFirst,
  fewestContracts,
  contractFirst,
  byId,
];
/** Among rollovers postpaid ones burn first; the remaining rules only make the order total. */
const AMONG_ROLLOVERS: readonly Rule[] = [
  (a, b) => postpaidLast(b, a),
  priority,
  fewestProducts,
  fewestSpecifiers,
  endsFirst,
  startsFirst,
  fewestContracts,
  contractFirst,
  byId,
];

/** Compares two segments: negative when `a` burns before `b`. A total order. */
export function compareBurnOrder(a: BurnRank, b: BurnRank): number {
  const bothRollovers = a.isRollover && b.isRollover;
  const rules = bothRollovers ? AMONG_ROLLOVERS : [...BETWEEN_KINDS, ...AMONG_PREPAID_AND_POSTPAID];
  for (const rule of rules) {
    const order = rule(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

/** The rank of a segment. Tags count as the products of `products` that carry one of them. */
export function toBurnRank(
  commit: Commit,
  segment: CommitSegment,
  products: readonly CoverableProduct[],
): BurnRank {
  return {
    type: commit.type,
    isRollover: commit.isRollover,
    priority: commit.priority,
    // Not the schedule: an item that is invoiced already may have left it, and was still paid.
    isFree: commit.invoiceContractId === null,
    productCount: countProducts(commit, products),
    specifierCount: countSpecifiers(commit),
    endingBefore: segment.endingBefore,
    startingAt: segment.startingAt,
    contractCount:
      commit.contractId !== null
        ? 1
        : commit.applicableContractIds === null
          ? Number.POSITIVE_INFINITY
          : new Set(commit.applicableContractIds).size,
    isContractLevel: commit.contractId !== null,
    id: segment.id,
  };
}

/** Those that narrow a product down by group values. */
const countSpecifiers = ({ specifiers }: Commit): number =>
  (specifiers ?? []).filter(
    ({ pricingGroupValues, presentationGroupValues }) =>
      pricingGroupValues !== null || presentationGroupValues !== null,
  ).length;

/** Distinct products; a specifier without product and tags means all of them. */
function countProducts(commit: Commit, products: readonly CoverableProduct[]): number {
  const { applicableProductIds: ids, applicableProductTags: tags, specifiers } = commit;
  if (specifiers?.some(({ productId, productTags }) => productId === null && productTags === null))
    return Number.POSITIVE_INFINITY;
  if (specifiers !== null) {
    return products.filter((product) => coversProduct(commit, product)).length;
  }
  if (ids === null && tags === null) return Number.POSITIVE_INFINITY;
  const named = new Set(ids ?? []);
  for (const product of products) if (coversProduct(commit, product)) named.add(product.productId);
  return named.size;
}
