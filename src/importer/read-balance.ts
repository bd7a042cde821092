import { type Decimal, isPositive, isZero } from "../domain/decimal.ts";
import { type Instant, instantText, isBefore } from "../domain/time.ts";
import type { Names } from "./catalogue.ts";
import { findCell, getCell, RowError, toDecimal, toHour } from "./cells.ts";
import { BALANCE_COLUMNS } from "./contract-columns.ts";
import type { TableRow } from "./read-table.ts";

/** What was left, when it moved here, of what a customer had been granted or had paid ahead. */
export interface OpeningBalance {
  readonly row: number;
  readonly type: "PREPAID" | "CREDIT";
  readonly amount: Decimal;
  readonly productId: string;
  readonly startingAt: Instant;
  readonly endingBefore: Instant;
  readonly name: string | undefined;
}

/** The time in which a balance can be used where its row does not say. */
interface Term {
  readonly startingAt: Instant;
  readonly endingBefore: Instant | null;
}

/** Reads the opening balance of a row; undefined where it has none. Throws RowError. */
export function readBalance(
  row: TableRow,
  term: Term,
  products: Names,
): OpeningBalance | undefined {
  if (findCell(row, "opening_balance") === undefined) {
    const stray = BALANCE_COLUMNS.find((column) => findCell(row, column) !== undefined);
    if (stray === undefined) return undefined;
    throw new RowError(`row ${row.number}: there is ${stray}, and no opening_balance`);
  }
  const amount = toDecimal(row, "opening_balance");
  if (!isPositive(amount) && !isZero(amount)) {
    throw new RowError(`row ${row.number}: opening_balance is negative`);
  }
  const [startingAt, endingBefore] = readAccess(row, term);
  return {
    row: row.number,
    type: readType(row),
    amount,
    productId: readProduct(row, products),
    startingAt,
    endingBefore,
    name: findCell(row, "opening_balance_name"),
  };
}

function readAccess(row: TableRow, term: Term): [startingAt: Instant, endingBefore: Instant] {
  const at = (column: string) =>
    findCell(row, column) === undefined ? undefined : toHour(row, column);
  const startingAt = at("opening_balance_starting_at") ?? term.startingAt;
  const endingBefore = at("opening_balance_ending_before") ?? term.endingBefore;
  const refuse = (reason: string) =>
    new RowError(`row ${row.number}: opening_balance_ending_before ${reason}`);
  if (endingBefore === null) throw refuse("is empty, and the contract has no end");
  if (isBefore(startingAt, endingBefore)) return [startingAt, endingBefore];
  throw refuse(`is not after ${instantText(startingAt)}, when the balance begins`);
}

function readType(row: TableRow): OpeningBalance["type"] {
  const text = getCell(row, "opening_balance_type");
  const type = text.toUpperCase();
  if (type === "PREPAID" || type === "CREDIT") return type;
  throw new RowError(
    `row ${row.number}: opening_balance_type is "${text}", neither PREPAID nor CREDIT`,
  );
}

function readProduct(row: TableRow, products: Names): string {
  const text = getCell(row, "opening_balance_product");
  const id = products.get(text);
  if (id != null) return id;
  const reason =
    id === null
      ? "several FIXED products have that name"
      : "no FIXED product in use has that id or name";
  throw new RowError(`row ${row.number}: opening_balance_product is "${text}": ${reason}`);
}
