import { compare, type Decimal, dec, rounded, sum, times, toNumber, ZERO } from "../decimal.ts";
import { refuse, refuseByRule } from "../faults.ts";
import type { Books } from "./books.ts";
import { checkPlaces, exponentOf } from "./currency.ts";
import type { Line } from "./entity.ts";
import { referTo, resolve } from "./references.ts";

const MOST_LINES = 750;
/** How many places of a quantity and of a price are kept. */
const PLACES = 7;

const kept = (value: number): number => toNumber(rounded(dec(value), PLACES));

/** Amount is Qty x UnitPrice to the cent, where both are stated. */
function checkProduct(line: Line, amount: number, currency: string): void {
  const { Qty, UnitPrice } = line.SalesItemLineDetail ?? {};
  if (Qty === undefined || UnitPrice === undefined) return;
  const product = rounded(times(dec(Qty), dec(UnitPrice)), exponentOf(currency));
  if (compare(product, dec(amount)) !== 0) {
    refuse(
      "6070",
      `Amount is not equal to UnitPrice * Qty. Supplied value:${amount}`,
      "Line.Amount",
    );
  }
}

function readSalesLine(books: Books, line: Line, currency: string): Line {
  const detail = line.SalesItemLineDetail ?? {};
  if (line.Amount === undefined) {
    return refuse("2020", "Required parameter Line.Amount is missing in the request", "Amount");
  }
  checkPlaces("Amount", line.Amount, currency);
  const item = resolve(books, "Item", detail.ItemRef ?? { value: books.preferences.defaultItemId });
  if (item.Type === "Category") refuseByRule("A category cannot be sold", "ItemRef");
  const read: Line = {
    ...line,
    SalesItemLineDetail: {
      ...detail,
      ItemRef: referTo(item),
      ...(detail.Qty === undefined ? {} : { Qty: kept(detail.Qty) }),
      ...(detail.UnitPrice === undefined ? {} : { UnitPrice: kept(detail.UnitPrice) }),
    },
  };
  checkProduct(read, line.Amount, currency);
  return read;
}

function readLine(books: Books, line: Line, currency: string): Line {
  switch (line.DetailType) {
    case undefined:
      return refuse("2020", "Required parameter Line.DetailType is missing in the request", "Line");
    case "SalesItemLineDetail":
      return readSalesLine(books, line, currency);
    case "DiscountLineDetail":
      if (line.Amount === undefined || line.Amount < 0) {
        return refuseByRule("A discount needs an amount that is not negative", "Line.Amount");
      }
      checkPlaces("Amount", line.Amount, currency);
      return line;
    default:
      return line;
  }
}

const amountsOf = (lines: readonly Line[], type: string): Decimal[] =>
  lines.filter(({ DetailType }) => DetailType === type).map(({ Amount = 0 }) => dec(Amount));

export interface ReadLines {
  readonly lines: Line[];
  readonly subtotal: Decimal;
  readonly discount: Decimal;
}

/** The lines as they will be kept, without the subtotal, which the books write themselves. */
export function readLines(books: Books, sent: readonly Line[], currency: string): ReadLines {
  const own = sent.filter(({ DetailType }) => DetailType !== "SubTotalLineDetail");
  if (own.length === 0) {
    refuse("2020", "Required parameter Line is missing in the request", "Line");
  }
  if (own.length > MOST_LINES) refuseByRule(`A document has at most ${MOST_LINES} lines`, "Line");
  const ids = own.map(({ Id }) => Number(Id ?? 0));
  let lastId = Math.max(0, ...ids);
  const lines = own.map((line, index) => {
    if (line.Id === undefined) lastId += 1;
    const Id = line.Id ?? String(lastId);
    return { ...readLine(books, line, currency), Id, LineNum: index + 1 };
  });
  const subtotal = sum(amountsOf(lines, "SalesItemLineDetail"));
  const discounts = amountsOf(lines, "DiscountLineDetail");
  const discount = discounts[0] ?? ZERO;
  if (discounts.length > 1) refuseByRule("A document has one discount line", "Line");
  if (discounts.length === 1 && compare(discount, subtotal) > 0) {
    refuseByRule("The discount is more than the subtotal", "Line");
  }
  return { lines, subtotal, discount };
}
