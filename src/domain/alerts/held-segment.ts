import type { CommitType, SeatKey } from "../commits/commit.ts";
import type { CustomFields } from "../custom-fields/entity.ts";
import type { Decimal } from "../decimal.ts";
import type { Instant } from "../time.ts";
import type { CustomFieldFilter } from "./alert.ts";

/** A segment of a commit or credit with what is left of it, drafts deducted. */
export interface HeldSegment {
  readonly id: string;
  readonly commitId: string;
  readonly type: CommitType;
  readonly creditTypeId: string;
  /** The one seat whose usage it pays for; null: anybody's. */
  readonly seat: SeatKey | null;
  readonly startingAt: Instant;
  readonly endingBefore: Instant;
  readonly granted: Decimal;
  /** Not below 0; what is left after its end means nothing. */
  readonly remaining: Decimal;
  /** Of the commit or credit. */
  readonly customFields: CustomFields;
  /** Of its contract; null: it belongs to the customer. */
  readonly contractFields: CustomFields | null;
}

/**
 * Whether a segment passes all filters. A filter that looks at commits says nothing about credits, and
 * the other way round; what belongs to no contract passes no filter that looks at contracts.
 */
export const passes = (
  { type, customFields, contractFields }: HeldSegment,
  filters: readonly CustomFieldFilter[],
): boolean =>
  filters.every(({ entity, key, value }) => {
    if (entity === "Contract") return contractFields?.[key] === value;
    if (entity === "Commit" && type === "CREDIT") return true;
    if (entity === "ContractCredit" && type !== "CREDIT") return true;
    return customFields[key] === value;
  });
