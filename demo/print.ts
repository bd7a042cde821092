import { type Decimal, dec, toText } from "../src/domain/decimal.ts";
import type { BilledInvoice } from "./outcome.ts";
import { quantityOf, totalOf } from "./outcome.ts";
import type { Scenario } from "./scenario.ts";

const out = (line = ""): void => void process.stdout.write(`${line}\n`);

/** "18059974.5" -> "18,059,974.5" */
const group = (text: string): string => {
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
};

/** Cents as dollars, at least two decimals, never fewer than there are. */
const dollars = (cents: Decimal): string => {
  const value = cents.times(dec("0.01"));
  const decimals = Math.max(2, value.c.length - value.e - 1);
  return group(value.toFixed(decimals));
};

const minorDollars = (minor: bigint): string => dollars(dec(minor.toString()));

type Align = "left" | "right";

/** A table whose columns line up; numbers to the right. */
function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Align[],
): void {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const write = (row: readonly string[]) =>
    out(
      row
        .map((cell, column) =>
          align[column] === "right"
            ? cell.padStart(widths[column] ?? 0)
            : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    );
  write(header);
  out(widths.map((width) => "-".repeat(width)).join("  "));
  for (const row of rows) write(row);
}

/** What the story charges, before it begins. */
export function printPrices(scenario: Scenario): void {
  out(scenario.title);
  for (const { name, price } of scenario.products) {
    const text =
      price.type === "FLAT"
        ? `${price.cents} cents each`
        : `first ${group(String(price.free))} free, then ${price.cents} cents each`;
    out(`  ${name}: ${text}`);
  }
  out();
}

/** The invoices in both systems, the quantities they bill, and their totals. */
export function printOutcome(scenario: Scenario, billed: readonly BilledInvoice[]): void {
  out();
  table(
    [
      "Customer",
      "Invoice",
      "Month",
      "Collect number",
      "Exact total",
      "In Collect",
      "Collect",
      "Status here",
    ],
    billed.map((invoice) => [
      invoice.customer,
      invoice.type,
      invoice.month,
      invoice.number,
      `$${dollars(invoice.totalCents)}`,
      `$${minorDollars(invoice.collectMinor)}`,
      invoice.collectStatus,
      invoice.externalStatus,
    ]),
    ["left", "left", "left", "left", "right", "right", "left", "left"],
  );
  const collected = billed.reduce((total, { collectMinor }) => total + collectMinor, 0n);
  out();
  out(`Billed exactly: $${dollars(totalOf(billed))}   collected: $${minorDollars(collected)}`);
  for (const product of Object.keys(scenario.quantities)) {
    out(`${product}: ${group(toText(quantityOf(billed, product)))} billed`);
  }
  out();
}

/** One line of progress; on a terminal it is written over by the next. */
export function printProgress(text: string, done: boolean): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${text}${done ? "\n" : ""}`);
  else if (done) out(text);
}

export { out };
