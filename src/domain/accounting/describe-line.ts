import type { Conventions } from "../conventions.ts";
import { cut } from "../cut.ts";
import { type Decimal, toText } from "../decimal.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { statedEnd } from "../invoices/stated-end.ts";
import { type Instant, instantText } from "../time.ts";

/** Characters that every system takes in a description, but for one: spreadsheets may have an apostrophe before it. */
export const MAX_DESCRIPTION = 3999;

const dayOf = (at: Instant): string => instantText(at).slice(0, 10);

function periodText({ startingAt, endingBefore }: InvoiceLine, { periodEnd }: Conventions): string {
  if (startingAt === null || endingBefore === null) return "";
  return `, ${dayOf(startingAt)} to ${dayOf(statedEnd(endingBefore, periodEnd))}`;
}

/**
 * "Calls, region: eu (101 x 0.00333), 2024-01-01 to 2024-02-01". The true quantity and price stand in it
 * where the row has the amount alone. What comes last is never cut off.
 */
export function describeLine(
  line: InvoiceLine,
  conventions: Conventions,
  unsaid: { readonly quantity: Decimal; readonly unitPrice: Decimal } | undefined,
): string {
  const groups = Object.entries({ ...line.pricingGroupValues, ...line.presentationGroupValues });
  const text = [line.name, ...groups.map(([key, value]) => `${key}: ${value}`)].join(", ");
  const product = unsaid ? ` (${toText(unsaid.quantity)} x ${toText(unsaid.unitPrice)})` : "";
  const ending = `${product}${periodText(line, conventions)}`;
  return `${cut(text, MAX_DESCRIPTION - ending.length)}${ending}`;
}
