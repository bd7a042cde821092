import type { CoverableLine } from "./applicability.ts";
import type { BurningSegment } from "./purse.ts";

/** Segments that may pay for a product, so that those of one seat are found without the others. */
export interface Payers {
  /** For anybody's usage, in burn order. */
  readonly shared: readonly BurningSegment[];
  /** For the usage of one seat alone, by group key and seat, in burn order. */
  readonly bySeat: ReadonlyMap<string, ReadonlyMap<string, readonly BurningSegment[]>>;
  /** The place of each segment in the burn order; empty where no seat has one. */
  readonly places: ReadonlyMap<BurningSegment, number>;
}

/** Sorts segments by whose usage they may pay for; they are given in burn order. */
export function openPayers(segments: readonly BurningSegment[]): Payers {
  const bySeat = new Map<string, Map<string, BurningSegment[]>>();
  const shared: BurningSegment[] = [];
  for (const burning of segments) {
    const { seat } = burning.segment;
    if (seat === undefined) {
      shared.push(burning);
      continue;
    }
    const seats = bySeat.get(seat.groupKey) ?? new Map<string, BurningSegment[]>();
    const own = seats.get(seat.seatId);
    if (own === undefined) seats.set(seat.seatId, [burning]);
    else own.push(burning);
    bySeat.set(seat.groupKey, seats);
  }
  const places = new Map(bySeat.size === 0 ? [] : segments.map((burning, n) => [burning, n]));
  return { shared, bySeat, places };
}

/** Those that may pay for a line, in burn order: for anybody, and for the seat that used it. */
export function payersOf(
  { shared, bySeat, places }: Payers,
  { pricingGroupValues, presentationGroupValues }: CoverableLine,
): readonly BurningSegment[] {
  if (bySeat.size === 0) return shared;
  const own = [...bySeat].flatMap(([groupKey, seats]) => {
    const seatId = pricingGroupValues?.[groupKey] ?? presentationGroupValues?.[groupKey];
    return seatId === undefined ? [] : (seats.get(seatId) ?? []);
  });
  if (own.length === 0) return shared;
  const placeOf = (burning: BurningSegment) => places.get(burning) ?? 0;
  return [...own, ...shared].sort((a, b) => placeOf(a) - placeOf(b));
}
