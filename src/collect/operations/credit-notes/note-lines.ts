import { type Decimal, dec, toText } from "../../../domain/decimal.ts";
import type { StoredDiscountAmount, StoredTax } from "../../db/totals-tables.ts";
import {
  amountOfUnits,
  type CreditableLine,
  creditLine,
} from "../../domain/credit-notes/credit-line.ts";
import { lineAmount } from "../../domain/line-amount.ts";
import { divideRounded } from "../../domain/totals/divide.ts";
import { taxLine } from "../../domain/totals/tax-line.ts";
import { refused } from "../../errors.ts";
import { newId } from "../../ids.ts";
import type { Scope } from "../../scope.ts";
import {
  type CreditNoteLineInsert,
  type CreditNoteLineRow,
  listCreditsByLine,
} from "../../store/credit-notes.ts";
import type { InvoiceItemRow } from "../../store/invoice-items.ts";
import { listAllLines } from "../../store/invoice-lines.ts";
import type { InvoiceRow } from "../../store/invoices.ts";
import { loadRateTerms } from "../totals/load-terms.ts";
import { requireTaxRates } from "../totals/require-tax-rates.ts";

/** A line that a request asks for. `paramOf` names a member of it as the caller wrote it. */
export type NoteLineRequest = {
  readonly metadata: Readonly<Record<string, string>>;
  readonly description?: string | undefined;
  readonly paramOf: (name: string) => string;
} & (
  | {
      readonly invoiceLine: string;
      /** Before discounts and taxes; this or a quantity. */
      readonly amountMinor?: bigint | undefined;
      readonly quantity?: bigint | undefined;
    }
  | {
      readonly invoiceLine?: undefined;
      /** Minor units with fractions, as text. */
      readonly unitAmount: string;
      readonly quantity: bigint;
      readonly taxRates: readonly string[];
    }
);

/** A line of a new note, with what it comes to. */
export interface NoteLine {
  readonly row: Omit<CreditNoteLineInsert, "credit_note" | "position">;
  readonly amount: bigint;
  readonly total: bigint;
  readonly discounts: readonly StoredDiscountAmount[];
  readonly taxes: readonly StoredTax[];
}

/** What the notes that hold took back of one line. */
interface Taken {
  readonly amount: bigint;
  /** Of that, what notes by quantity took, and how many units those were. */
  readonly byQuantity: { readonly amount: bigint; readonly units: bigint };
  readonly discounts: ReadonlyMap<string, bigint>;
  readonly taxes: ReadonlyMap<string, bigint>;
}

type Credit = Pick<CreditNoteLineRow, "amount_minor" | "quantity" | "discount_amounts" | "taxes">;

const sumOf = (values: readonly bigint[]): bigint => values.reduce((all, one) => all + one, 0n);

const sumBy = (parts: readonly (readonly [key: string, amount: string])[]) => {
  const sums = new Map<string, bigint>();
  for (const [key, amount] of parts) sums.set(key, (sums.get(key) ?? 0n) + BigInt(amount));
  return sums;
};

const toTaken = (credits: readonly Credit[]): Taken => {
  const counted = credits.filter(({ quantity }) => quantity !== null);
  return {
    amount: sumOf(credits.map((credit) => credit.amount_minor)),
    byQuantity: {
      amount: sumOf(counted.map((credit) => credit.amount_minor)),
      units: sumOf(counted.map((credit) => credit.quantity ?? 0n)),
    },
    discounts: sumBy(
      credits.flatMap((credit) =>
        credit.discount_amounts.map(({ discount, amount }) => [discount, amount] as const),
      ),
    ),
    taxes: sumBy(
      credits.flatMap((credit) =>
        credit.taxes.map(({ taxRate, amount }) => [taxRate, amount] as const),
      ),
    ),
  };
};

const toCreditable = (line: InvoiceItemRow, taken: Taken): CreditableLine => ({
  amount: line.amount_minor,
  discounts: line.discount_amounts.map(({ discount, amount }) => ({
    amount: BigInt(amount),
    credited: taken.discounts.get(discount) ?? 0n,
  })),
  taxes: line.taxes.map(({ taxRate, amount, inclusive }) => ({
    amount: BigInt(amount),
    inclusive,
    credited: taken.taxes.get(taxRate) ?? 0n,
  })),
  credited: taken.amount,
});

/** What units of a line come to. Throws 400 for more than are left, and where its quantity is no whole number. */
function amountOf(
  line: InvoiceItemRow,
  { byQuantity }: Taken,
  quantity: bigint,
  paramOf: NoteLineRequest["paramOf"],
): bigint {
  const whole = toText(dec(line.quantity));
  if (!/^[1-9]\d*$/.test(whole)) {
    throw refused(
      "invalid_argument",
      `The quantity of this line is ${whole}: say the amount to take back.`,
      paramOf("quantity"),
    );
  }
  const units = BigInt(whole);
  if (byQuantity.units + quantity > units) {
    throw refused(
      "invalid_argument",
      `Of this line's ${units} units ${units - byQuantity.units} are left to take back.`,
      paramOf("quantity"),
    );
  }
  return amountOfUnits({ amount: line.amount_minor, units }, byQuantity, quantity);
}

/** How much of an invoice's line a request takes back. Throws 400 beyond what is left of it. */
function wantedAmount(
  line: InvoiceItemRow,
  taken: Taken,
  request: Extract<NoteLineRequest, { invoiceLine: string }>,
): bigint {
  const { amountMinor, quantity, paramOf } = request;
  if ((amountMinor === undefined) === (quantity === undefined)) {
    throw refused(
      amountMinor === undefined ? "parameter_missing" : "parameters_exclusive",
      "Give either an amount or a quantity of the line.",
      paramOf("amount"),
    );
  }
  const wanted = amountMinor ?? amountOf(line, taken, quantity ?? 0n, paramOf);
  const left = line.amount_minor - taken.amount;
  if (wanted > 0n && wanted <= left) return wanted;
  throw refused(
    "invalid_argument",
    `Of this line ${left} are left to take back, not ${wanted}.`,
    paramOf(amountMinor === undefined ? "quantity" : "amount"),
  );
}

/** The lines of a note on a locked invoice. Throws 400 for what is not on it, or not left of it. */
export async function toNoteLines(
  scope: Scope,
  invoice: InvoiceRow,
  requests: readonly NoteLineRequest[],
): Promise<NoteLine[]> {
  const lines = new Map((await listAllLines(scope, invoice.id)).map((row) => [row.line_id, row]));
  const credits = new Map<string | null, readonly Credit[]>(
    await listCreditsByLine(scope, invoice.id),
  );
  const made: NoteLine[] = [];
  for (const request of requests) {
    if (request.invoiceLine === undefined) {
      made.push(await toCustomLine(scope, invoice, request));
      continue;
    }
    const line = lines.get(request.invoiceLine);
    if (line === undefined || line.amount_minor <= 0n) {
      throw refused(
        "resource_missing",
        `No such line to take back on invoice ${invoice.id}: '${request.invoiceLine}'`,
        request.paramOf("invoice_line_item"),
      );
    }
    const before = credits.get(line.line_id) ?? [];
    const taken = toTaken(before);
    const amount = wantedAmount(line, taken, request);
    const credit = toInvoiceLineCredit(line, taken, amount, request);
    credits.set(line.line_id, [
      ...before,
      {
        amount_minor: amount,
        quantity: request.quantity ?? null,
        discount_amounts: credit.discounts,
        taxes: credit.taxes,
      },
    ]);
    made.push(credit);
  }
  return made;
}

function toInvoiceLineCredit(
  line: InvoiceItemRow,
  taken: Taken,
  amount: bigint,
  { quantity, description, metadata }: NoteLineRequest,
): NoteLine {
  const credit = creditLine(toCreditable(line, taken), amount);
  const discounts = line.discount_amounts.map(({ discount }, index) => ({
    discount,
    amount: String(credit.discounts[index] ?? 0n),
  }));
  const taxes = line.taxes.map((tax, index) => ({
    ...tax,
    amount: String(credit.taxes[index] ?? 0n),
    taxable: String(
      line.amount_minor === 0n
        ? 0n
        : divideRounded(BigInt(tax.taxable) * amount, line.amount_minor),
    ),
  }));
  return {
    amount,
    total: credit.total,
    discounts,
    taxes,
    row: {
      id: newId("cnli"),
      invoice_line: line.line_id,
      description: description ?? line.description,
      amount_minor: amount,
      quantity: quantity ?? null,
      unit_amount: quantity === undefined ? null : line.unit_amount,
      discount_amounts: JSON.stringify(discounts),
      taxes: JSON.stringify(taxes),
      metadata: JSON.stringify(metadata),
    },
  };
}

const zero: Decimal = dec("0");

async function toCustomLine(
  scope: Scope,
  invoice: InvoiceRow,
  request: Extract<NoteLineRequest, { unitAmount: string }>,
): Promise<NoteLine> {
  const { unitAmount, quantity, taxRates, description, metadata, paramOf } = request;
  const amount = lineAmount(dec(unitAmount), dec(quantity.toString()));
  if (dec(unitAmount).lte(zero) || amount <= 0n) {
    throw refused("invalid_argument", "A line must come to more than 0.", paramOf("unit_amount"));
  }
  await requireTaxRates(scope, taxRates, (index) => paramOf(`tax_rates][${index}`));
  const rates = (await loadRateTerms(scope, taxRates))(taxRates);
  const taxes = taxLine(amount, rates, invoice.billed_to?.taxExempt ?? "none");
  const added = taxes
    .filter(({ inclusive }) => !inclusive)
    .reduce((sum, tax) => sum + tax.amount, 0n);
  const stored = taxes.map((tax) => ({
    ...tax,
    amount: tax.amount.toString(),
    taxable: tax.taxable.toString(),
  }));
  return {
    amount,
    total: amount + added,
    discounts: [],
    taxes: stored,
    row: {
      id: newId("cnli"),
      invoice_line: null,
      description: description ?? null,
      amount_minor: amount,
      quantity,
      unit_amount: unitAmount,
      discount_amounts: "[]",
      taxes: JSON.stringify(stored),
      metadata: JSON.stringify(metadata),
    },
  };
}
