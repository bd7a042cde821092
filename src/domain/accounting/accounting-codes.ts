import type { InvoiceLine } from "../invoices/line.ts";
import { isFormula } from "../spreadsheet-text.ts";
import type { AccountingCodes } from "./accounting-document.ts";
import type { AccountingFormat } from "./accounting-format.ts";

type Code = keyof AccountingCodes;

const CODES = ["item", "accountCode", "taxType"] as const satisfies readonly Code[];

/** Custom fields of a product that say what its lines are booked under. */
const FIELDS = {
  item: "accounting_item",
  accountCode: "accounting_account_code",
  taxType: "accounting_tax_type",
} as const satisfies Record<Code, string>;

/** Parameters that say it for all lines whose product does not. */
export const DEFAULT_PARAMETERS = {
  item: "default_item",
  accountCode: "default_account_code",
  taxType: "default_tax_type",
} as const satisfies Record<Code, string>;

export interface CodeSource {
  readonly format: AccountingFormat;
  readonly defaults: AccountingCodes;
  /** Custom fields of products, by product id and key, as they are now. */
  readonly productFields: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type FoundCodes =
  | { readonly outcome: "found"; readonly codes: AccountingCodes }
  | { readonly outcome: "refuse"; readonly message: string };

type BookedLine = Pick<InvoiceLine, "productId" | "name">;

function missingMessage(line: BookedLine, invoiceId: string, code: Code, title: string): string {
  const what = `${title} needs ${code === "item" ? "an item" : code === "accountCode" ? "an account code" : "a tax type"} on every line`;
  return line.productId === null
    ? `${what}: line ${JSON.stringify(line.name)} of invoice ${invoiceId} is of no product; give ${DEFAULT_PARAMETERS[code]}`
    : `${what}: product ${line.productId} (${JSON.stringify(line.name)}, on invoice ${invoiceId}) has no custom field ${FIELDS[code]}; set it, or give ${DEFAULT_PARAMETERS[code]}`;
}

/** Whether a file cannot have a code as it is: it would name another one. */
export const isUnwritable = (code: string): boolean => code.trim() === "" || isFormula(code);

/** The value of a field; null: it has none, or a blank one. */
const filled = (value: string | undefined): string | null =>
  value === undefined || value.trim() === "" ? null : value;

/**
 * What a line is booked under: its product's own, else the default. A code that is needed and nowhere is
 * refused, and so is one that a spreadsheet would run.
 */
export function findCodes(
  line: BookedLine,
  invoiceId: string,
  { format, defaults, productFields }: CodeSource,
): FoundCodes {
  const own = line.productId === null ? undefined : productFields[line.productId];
  const find = (code: Code): string | null =>
    format.codes[code] === "none" ? null : (filled(own?.[FIELDS[code]]) ?? defaults[code]);
  const codes = { item: find("item"), accountCode: find("accountCode"), taxType: find("taxType") };
  const missing = CODES.find((code) => format.codes[code] === "needed" && codes[code] === null);
  if (missing !== undefined) {
    return { outcome: "refuse", message: missingMessage(line, invoiceId, missing, format.title) };
  }
  const unwritable = CODES.find((code) => codes[code] !== null && isFormula(codes[code]));
  if (unwritable === undefined) return { outcome: "found", codes };
  const message = `Product ${line.productId} (${JSON.stringify(line.name)}, on invoice ${invoiceId}) has a custom field ${FIELDS[unwritable]} that a spreadsheet would run: ${JSON.stringify(codes[unwritable])}`;
  return { outcome: "refuse", message };
}
