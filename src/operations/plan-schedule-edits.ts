import { dec, toText, ZERO } from "../domain/decimal.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import type { NewSegment } from "../store/commits.ts";
import type { NewScheduleItem } from "../store/scheduled-charges.ts";
import { type HeldCommit, movedOn } from "./change-commit.ts";
import { checkSegments } from "./check-commit-terms.ts";
import { checkReach } from "./check-reach.ts";
import { type PriceTerms, toPrice } from "./plan-schedule.ts";

/** Changes of a schedule: parts to add, to take away, and fields of parts to change. */
export interface ScheduleEdit<Part> {
  readonly add: readonly Part[];
  readonly removeIds: readonly string[];
  readonly update: readonly (Partial<Part> & { readonly id: string })[];
}

export interface DatedPrice extends PriceTerms {
  readonly at: Instant;
}

/** The access windows after an edit. Refuses to take away, or make too small, what was used. */
export function planSegments(
  held: HeldCommit,
  { add, removeIds, update }: ScheduleEdit<NewSegment>,
) {
  const field = "access_schedule";
  const current = new Map(
    held.segments.map(({ id, amount, starting_at, ending_before }) => [
      id,
      { id, amount, startingAt: starting_at, endingBefore: ending_before },
    ]),
  );
  for (const id of removeIds) {
    if (!current.delete(id)) throw notFound("segment", id);
    if (held.entries.some((entry) => entry.segment_id === id)) {
      throw invalid(`${field} segment ${id} was used and cannot be removed`, field);
    }
  }
  const changed = update.map(({ id, ...fields }) => {
    const segment = current.get(id);
    if (segment === undefined) throw notFound("segment", id);
    const next = { ...segment, ...fields };
    current.set(id, next);
    if (dec(next.amount).plus(movedOn(held, id)).lt(ZERO)) {
      throw invalid(`${field} segment ${id} cannot be smaller than what is used of it`, field);
    }
    return next;
  });
  const all = [...current.values(), ...add];
  if (all.length === 0) throw invalid(`${field} must keep at least one segment`, field);
  checkSegments(all, "");
  return { all, change: { add, removeIds, update: changed } };
}

/** Dates of a purchase or charge, with those that finalized and void invoices billed. */
export type HeldItems = Pick<HeldCommit, "invoiceItems" | "invoicedItemIds" | "voidedItemIds">;

/** The dates after an edit. Refuses to touch what is invoiced, and to take away what a void one had. */
export function planItems(held: HeldItems, { add, removeIds, update }: ScheduleEdit<DatedPrice>) {
  const field = "invoice_schedule";
  const current = new Map(held.invoiceItems.map((item) => [item.id, toStored(item)]));
  const refuseInvoiced = (id: string) => {
    if (!current.has(id)) throw notFound("schedule item", id);
    if (!held.invoicedItemIds.has(id)) return;
    throw invalid(`${field} item ${id} is invoiced already`, field);
  };
  for (const id of removeIds) {
    refuseInvoiced(id);
    if (held.voidedItemIds.has(id)) {
      throw invalid(`${field} item ${id} is on a void invoice and cannot be removed`, field);
    }
    current.delete(id);
  }
  const changed = update.map(({ id, at, ...prices }) => {
    refuseInvoiced(id);
    const item = {
      id,
      ...changeItem(current.get(id), at, prices, `${field}.update_schedule_items`),
    };
    current.set(id, item);
    return item;
  });
  const added = add.map(({ at, ...prices }, n) =>
    changeItem(undefined, at, prices, `${field}.add_schedule_items[${n}]`),
  );
  return {
    all: [...current.values(), ...added],
    change: { add: added, removeIds, update: changed },
  };
}

const toStored = (item: HeldCommit["invoiceItems"][number]): NewScheduleItem => ({
  at: instantText(item.at),
  unitPrice: toText(item.unitPrice),
  quantity: toText(item.quantity),
  amount: toText(item.amount),
});

/** A dated amount anew: a price that is not given stays, with half of one the other half stays. */
function changeItem(
  item: NewScheduleItem | undefined,
  at: Instant | undefined,
  prices: Partial<PriceTerms>,
  path: string,
): NewScheduleItem {
  if (at !== undefined) checkReach(at, path);
  const dated = at === undefined ? (item?.at ?? "") : instantText(at);
  const { amount, unitPrice, quantity } = prices;
  if (item !== undefined && !amount && !unitPrice && !quantity) return { ...item, at: dated };
  const price = toPrice(
    {
      amount,
      unitPrice: unitPrice ?? (item && quantity ? dec(item.unitPrice) : undefined),
      quantity: quantity ?? (item && unitPrice ? dec(item.quantity) : undefined),
    },
    path,
  );
  return {
    at: dated,
    unitPrice: toText(price.unitPrice),
    quantity: toText(price.quantity),
    amount: toText(price.amount),
  };
}
