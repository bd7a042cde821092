import type { StoredLine } from "../db/tables/invoices.ts";
import { dec } from "../domain/decimal.ts";
import { toPlain } from "../domain/invoices/canonical.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";
import { instant } from "../domain/time.ts";
import { fromStoredListPrice } from "./invoice-list-prices.ts";

/** The lines as they are stored, without their traces, which have a column of their own. */
export const toStoredLines = (lines: readonly InvoiceLine[]) =>
  lines.map(({ trace: _, ...line }) => toPlain(line));

/** The traces of the lines as they are stored, by line key. */
export const toStoredTraces = (lines: readonly InvoiceLine[]) =>
  toPlain(Object.fromEntries(lines.map((line) => [line.lineKey, line.trace])));

const orNull = <T>(text: string | null, read: (text: string) => T): T | null =>
  text === null ? null : read(text);

/** A stored line as rating made it; its trace stays in the database. */
export const fromStoredLine = ({ listPrice, ...stored }: StoredLine): InvoiceLine => ({
  ...stored,
  ...(listPrice === undefined ? {} : { listPrice: fromStoredListPrice(listPrice) }),
  total: dec(stored.total),
  quantity: orNull(stored.quantity, dec),
  unitPrice: orNull(stored.unitPrice, dec),
  startingAt: orNull(stored.startingAt, instant),
  endingBefore: orNull(stored.endingBefore, instant),
  tier:
    stored.tier === null
      ? null
      : {
          level: stored.tier.level,
          startingAt: dec(stored.tier.startingAt),
          size: orNull(stored.tier.size, dec),
        },
  trace: [],
});
