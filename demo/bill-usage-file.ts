import { type Decimal, dec, sum, ZERO } from "../src/domain/decimal.ts";
import { instantText, Temporal } from "../src/domain/time.ts";
import type { DemoEvent, DemoProduct, Scenario } from "./scenario.ts";
import type { UsageFile, UsageRow } from "./usage-file.ts";

const CUSTOMERS = ["Acorn Analytics", "Birch Robotics", "Cedar Health"];
/** Cents for one unit of the first, second, ... column; the last one serves all that follow. */
const PRICES = ["0.0003", "0.0015", "0.001"];
const GRACE_AND_A_LITTLE_HOURS = 25;

const priceOf = (column: number): string => PRICES[Math.min(column, PRICES.length - 1)] ?? "0.001";

/** Rows go round: the first to the first customer, the second to the second. */
const customerOf = (row: UsageRow): string => CUSTOMERS[(row.number - 1) % CUSTOMERS.length] ?? "";

const utc = (row: UsageRow): Temporal.ZonedDateTime => row.at.toZonedDateTimeISO("UTC");
const monthOf = (row: UsageRow): string => utc(row).toPlainDate().toPlainYearMonth().toString();

const toEvent = (file: UsageFile, row: UsageRow): DemoEvent => ({
  transactionId: `${file.digest}-${row.number}`,
  customer: customerOf(row),
  timestamp: instantText(row.at),
  properties: Object.fromEntries(
    file.metrics.map((name, column) => [name, row.values[column] ?? "0"]),
  ),
});

const totalOf = (rows: readonly UsageRow[], column: number): Decimal =>
  sum(rows.map((row) => dec(row.values[column] ?? "0")));

/** Months of the file from its first to its last, those without usage included. */
function listMonths(first: Temporal.PlainYearMonth, last: Temporal.PlainYearMonth): string[] {
  const months: string[] = [];
  for (
    let month = first;
    Temporal.PlainYearMonth.compare(month, last) <= 0;
    month = month.add({ months: 1 })
  ) {
    months.push(month.toString());
  }
  return months;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Quantity times price of each column, added up: what one customer owes for one month. */
const amountOf = (rows: readonly UsageRow[], columns: number): Decimal =>
  Array.from({ length: columns }, (_, column) =>
    totalOf(rows, column).times(dec(priceOf(column))),
  ).reduce((total, amount) => total.plus(amount), ZERO);

/** The billing story of a file of real usage: its totals come from the file alone. */
export function billUsageFile(file: UsageFile, name: string): Scenario {
  const [first, last] = [file.rows[0], file.rows.at(-1)];
  if (first === undefined || last === undefined) throw new Error("The file has no rows");
  const months = listMonths(
    utc(first).toPlainDate().toPlainYearMonth(),
    utc(last).toPlainDate().toPlainYearMonth(),
  );
  const byOwner = groupBy(file.rows, (row) => `${customerOf(row)} ${monthOf(row)}`);
  const end = utc(last).toPlainDate().toPlainYearMonth().add({ months: 1 }).toPlainDate({ day: 1 });
  const products = file.metrics.map(
    (property, column): DemoProduct => ({
      name: property,
      property,
      price: { type: "FLAT", cents: priceOf(column) },
    }),
  );
  return {
    title: `Real usage from ${name}`,
    startAt: `${months[0]}-01T00:00:00Z`,
    endAt: instantText(
      end.toZonedDateTime("UTC").add({ hours: GRACE_AND_A_LITTLE_HOURS }).toInstant(),
    ),
    products,
    customers: CUSTOMERS.map((customer) => ({ name: customer, pays: "charge_automatically" })),
    eventCount: file.rows.length,
    days: [...groupBy(file.rows, (row) => utc(row).toPlainDate().toString()).values()].map((rows) =>
      rows.map((row) => toEvent(file, row)),
    ),
    expected: CUSTOMERS.flatMap((customer) =>
      months.map((month) => ({
        customer,
        type: "USAGE" as const,
        month,
        totalCents: amountOf(byOwner.get(`${customer} ${month}`) ?? [], file.metrics.length),
      })),
    ),
    quantities: Object.fromEntries(
      file.metrics.map((metric, column) => [metric, totalOf(file.rows, column)]),
    ),
  };
}
