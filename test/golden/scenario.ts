import { readdirSync, readFileSync } from "node:fs";
import { toText } from "../../src/domain/decimal.ts";
import { toPlain } from "../../src/domain/invoices/canonical.ts";
import type { RatedInvoice } from "../../src/domain/invoices/invoice.ts";
import { rateInvoices } from "../../src/domain/rating/rate-invoices.ts";
import type { RatingResult } from "../../src/domain/rating/snapshot.ts";
import { instantText } from "../../src/domain/time.ts";
import { showLine, showWindow } from "../support/sample-snapshot.ts";
import { readInput } from "./read-input.ts";

const FOLDER = new URL("./", import.meta.url);

/** Names of the scenario folders. */
export const scenarios = (): string[] =>
  readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

export const scenarioFile = (scenario: string, file: string): URL =>
  new URL(`${scenario}/${file}`, FOLDER);

export const readScenarioFile = (scenario: string, file: string): string =>
  readFileSync(scenarioFile(scenario, file), "utf8");

/** What `invoice.json` and `invoice.txt` must hold. */
export function rateScenario(scenario: string): { json: string; text: string } {
  const result = rateInvoices(readInput(readScenarioFile(scenario, "input.json")));
  return { json: `${JSON.stringify(toPlain(result), null, 2)}\n`, text: toStatement(result) };
}

/** The result as a person reviews it. */
function toStatement({ invoices, balances }: RatingResult): string {
  const remaining = balances.map(
    (balance) =>
      `${balance.segmentId}: granted ${toText(balance.granted)}, used ${toText(balance.used)}, remaining ${toText(balance.remaining)}`,
  );
  return `${[...invoices.map(toSection), ["Balances", ...remaining].join("\n  ")].join("\n\n")}\n`;
}

function toSection(invoice: RatedInvoice): string {
  const lines = invoice.lines.map((line) => `${showWindow(line)} ${showLine(line)}`.trim());
  const unpriced = invoice.unpriced.map(
    (usage) =>
      `no rate for ${usage.productId} ${JSON.stringify(usage.pricingGroupValues)}: ${toText(usage.quantity)}`,
  );
  return [
    `${invoice.type} ${invoice.contractId}, due ${instantText(invoice.dueAt)}`,
    ...lines,
    `subtotal ${toText(invoice.subtotal)}, total ${toText(invoice.total)}`,
    ...unpriced,
  ].join("\n  ");
}
