import { earlier, type Instant, isBefore } from "../time.ts";
import type { ScheduleItem } from "./contract.ts";

/** RENEWAL: the next term of an agreement. SUPERSEDE: another agreement in its place. */
export type TransitionType = "RENEWAL" | "SUPERSEDE";

/** How a contract follows another one. */
export interface Transition {
  readonly type: TransitionType;
  readonly fromContractId: string;
  /** What becomes of the old contract's true-ups from the new start on. */
  readonly trueUps: "AS_IS" | "REMOVE";
}

/** Where the old contract ends: with the start of the new one, unless it has ended before. */
export const endOfFollowed = (endingBefore: Instant | null, nextStart: Instant): Instant =>
  endingBefore === null ? nextStart : earlier(endingBefore, nextStart);

/** The dates of a schedule from the new start on, less what is invoiced already. */
export const itemsToDrop = (
  items: readonly ScheduleItem[],
  nextStart: Instant,
  invoicedItemIds: ReadonlySet<string>,
): ScheduleItem[] =>
  items.filter(({ id, at }) => !isBefore(at, nextStart) && !invoicedItemIds.has(id));

/**
 * Whether a transition drops those dates of the old contract. Charges and purchases: a renewal keeps
 * them, as what was agreed for the old term stays owed; what is superseded is not. True-ups: as the
 * transition says.
 */
export const dropsItems = (
  { type, trueUps }: Pick<Transition, "type" | "trueUps">,
  of: "charges and purchases" | "true-ups",
): boolean => (of === "true-ups" ? trueUps === "REMOVE" : type === "SUPERSEDE");
