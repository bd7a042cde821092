import type { CommitType } from "../commits/commit.ts";
import { LEDGER_PREFIX, type LedgerEntry } from "../commits/ledger.ts";
import { type Decimal, max, sum, ZERO } from "../decimal.ts";
import type { Instant } from "../time.ts";

/** What one commit or credit grants one seat, with its movements up to now. */
export interface SeatGrant {
  readonly seatId: string;
  readonly commitId: string;
  readonly type: CommitType;
  readonly creditTypeId: string;
  readonly startingAt: Instant;
  readonly endingBefore: Instant;
  /** Of the seat alone, in order of time; what expired is among them. */
  readonly ledger: readonly LedgerEntry[];
}

export interface GrantBalance extends SeatGrant {
  /** What the seat has left of it now; 0 before it begins and after it ends. */
  readonly balance: Decimal;
  /** What it was granted, when the grant began and when the seat came. */
  readonly startingBalance: Decimal;
}

/** What a seat has of all its grants. */
export interface SeatBalance {
  readonly seatId: string;
  readonly byCreditType: readonly {
    readonly creditTypeId: string;
    readonly balance: Decimal;
    readonly startingBalance: Decimal;
  }[];
  readonly grants: readonly GrantBalance[];
}

/**
 * What seats have left, in order of their ids: those of `seatIds`, and those that were granted
 * something. A seat without a grant has no balance in any credit type.
 */
export function seatBalances(
  seatIds: readonly string[],
  grants: readonly SeatGrant[],
): SeatBalance[] {
  const bySeat = Map.groupBy(grants.map(toBalance), ({ seatId }) => seatId);
  const all = [...new Set([...seatIds, ...bySeat.keys()])].sort();
  return all.map((seatId) => {
    const own = bySeat.get(seatId) ?? [];
    const byType = Map.groupBy(own, ({ creditTypeId }) => creditTypeId);
    return {
      seatId,
      byCreditType: [...byType].map(([creditTypeId, of]) => ({
        creditTypeId,
        balance: sum(of.map(({ balance }) => balance)),
        startingBalance: sum(of.map(({ startingBalance }) => startingBalance)),
      })),
      grants: own,
    };
  });
}

function toBalance(grant: SeatGrant): GrantBalance {
  const prefix = LEDGER_PREFIX[grant.type];
  const granting = new Set([`${prefix}_SEGMENT_START`, `${prefix}_SEAT_BASED_ADJUSTMENT`]);
  const amounts = (entries: readonly LedgerEntry[]) => sum(entries.map(({ amount }) => amount));
  return {
    ...grant,
    balance: max(ZERO, amounts(grant.ledger)),
    startingBalance: amounts(grant.ledger.filter(({ type }) => granting.has(type))),
  };
}

/** A page has so many grants at most, but for those of its last seat (Metronome API). */
const MAX_GRANTS = 100;

/** The first seats of the list that make a page. */
export function seatPage(
  seats: readonly SeatBalance[],
  { limit, withGrants }: { readonly limit: number; readonly withGrants: boolean },
): SeatBalance[] {
  let grants = 0;
  const page: SeatBalance[] = [];
  for (const seat of seats) {
    if (page.length === limit || (withGrants && grants >= MAX_GRANTS)) break;
    page.push(seat);
    grants += seat.grants.length;
  }
  return page;
}
