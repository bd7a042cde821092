import type { CommitType } from "../domain/commits/commit.ts";
import { dec } from "../domain/decimal.ts";
import { type Instant, instant, isBefore, Temporal } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import type { NewSegment } from "../store/commits.ts";
import type { NewScheduleItem } from "../store/scheduled-charges.ts";
import type { CommitTerms } from "./add-commit.ts";
import { checkCreditType, isCurrency } from "./check-credit-type.ts";
import { checkReach } from "./check-reach.ts";
import type { OperationContext } from "./context.ts";

/** What is promised is paid in money, so a postpaid commit cannot be in a pricing unit. */
export async function checkAccessCreditType(
  ctx: OperationContext,
  type: CommitType,
  creditTypeId: string,
  path: string,
): Promise<void> {
  const field = `${path}access_schedule.credit_type_id`;
  await checkCreditType(ctx, creditTypeId, field);
  if (type === "POSTPAID" && !isCurrency(creditTypeId)) {
    throw invalid(`${field} of a POSTPAID commit must be a currency`, field);
  }
}

/** The products that terms name as what burns the commit. */
export const namedProducts = ({
  applicableProductIds,
  specifiers,
}: Pick<CommitTerms, "applicableProductIds" | "specifiers">): string[] => [
  ...applicableProductIds,
  ...specifiers.map(({ productId }) => productId).filter((id) => id !== null),
];

/** Refuses terms that name what burns a commit in two ways, or in none. */
export function checkApplicability(
  terms: Pick<CommitTerms, "applicableProductIds" | "applicableProductTags" | "specifiers">,
  path: string,
): void {
  const { applicableProductIds, applicableProductTags, specifiers } = terms;
  const field = `${path}specifiers`;
  if (specifiers.length > 0 && applicableProductIds.length + applicableProductTags.length > 0) {
    throw invalid(
      `${field} cannot be used with applicable_product_ids or applicable_product_tags`,
      field,
    );
  }
  for (const [n, specifier] of specifiers.entries()) {
    if (Object.values(specifier).some((value) => value !== null)) continue;
    throw invalid(`${field}[${n}] names nothing; leave it out to cover all usage`, field);
  }
}

/** What is promised is paid once: by usage, or by one true-up of the same amount. */
export function checkPostpaid(
  { segments }: Pick<CommitTerms, "segments">,
  invoiceItems: readonly NewScheduleItem[],
  isSameCurrency: boolean,
  path: string,
): void {
  const [segment, ...moreSegments] = segments;
  const [item, ...moreItems] = invoiceItems;
  const accessField = `${path}access_schedule.schedule_items`;
  if (segment === undefined || moreSegments.length > 0) {
    throw invalid(`${accessField} of a POSTPAID commit must have exactly one item`, accessField);
  }
  const field = `${path}invoice_schedule`;
  if (item === undefined || moreItems.length > 0) {
    throw invalid(`${field} of a POSTPAID commit must have exactly one date`, field);
  }
  if (!isSameCurrency || !dec(item.amount).eq(dec(segment.amount))) {
    throw invalid(`${field} of a POSTPAID commit must be of the amount of its access`, field);
  }
}

/** Refuses access windows that end before they begin, are out of reach or overlap another one. */
export function checkSegments(segments: readonly NewSegment[], path: string): void {
  const list = `${path}access_schedule.schedule_items`;
  for (const [n, segment] of segments.entries()) {
    const field = `${list}[${n}]`;
    const [start, end]: [Instant, Instant] = [
      instant(segment.startingAt),
      instant(segment.endingBefore),
    ];
    checkReach(start, `${field}.starting_at`);
    checkReach(end, `${field}.ending_before`);
    if (!isBefore(start, end)) throw invalid(`${field}.ending_before must be after starting_at`);
  }
  const inTime = segments
    .map(({ startingAt, endingBefore }, n) => ({
      n,
      start: instant(startingAt),
      end: instant(endingBefore),
    }))
    .sort((a, b) => Temporal.Instant.compare(a.start, b.start) || a.n - b.n);
  for (const [place, { n, start }] of inTime.entries()) {
    const before = inTime[place - 1];
    if (before === undefined || !isBefore(start, before.end)) continue;
    throw invalid(`${list}[${n}] must not overlap ${list}[${before.n}]`, `${list}[${n}]`);
  }
}
