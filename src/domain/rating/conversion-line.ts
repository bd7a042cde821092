import type { OpenLine } from "../commits/apply-commits.ts";
import type { Decimal } from "../decimal.ts";
import { type InvoiceLine, NO_LINE_DETAILS } from "../invoices/line.ts";
import type { UnitConversion } from "../pricing-unit.ts";
import type { ConversionContext } from "./convert-units.ts";

/** The line that converts `quantity` of a unit into the invoice's currency. */
export function conversionLine(
  { fiatCreditTypeId, period }: ConversionContext,
  { unit, fiatPerUnit }: UnitConversion,
  { quantity, trace }: { readonly quantity: Decimal; readonly trace: InvoiceLine["trace"] },
): InvoiceLine & { readonly quantity: Decimal } {
  const total = quantity.times(fiatPerUnit);
  return {
    ...NO_LINE_DETAILS,
    lineKey: `cpu_conversion/${unit.id}`,
    type: "cpu_conversion",
    name: `${unit.name} conversion`,
    creditTypeId: fiatCreditTypeId,
    total,
    quantity,
    unitPrice: fiatPerUnit,
    productId: null,
    productType: null,
    productTags: [],
    startingAt: period?.start ?? null,
    endingBefore: period?.end ?? null,
    trace: [...trace, { step: "price", quantity, unitPrice: fiatPerUnit, amount: total }],
  };
}

/**
 * What is left of one line in a unit, as commits in the invoice's currency see it: of the product,
 * the group values and the time of the line, at the price of the unit.
 */
export function convertedLine(
  { fiatCreditTypeId }: ConversionContext,
  { fiatPerUnit }: UnitConversion,
  { line: { listPrice: _, ...line }, window }: OpenLine,
  quantity: Decimal,
): OpenLine {
  return {
    line: {
      ...line,
      type: "cpu_conversion",
      creditTypeId: fiatCreditTypeId,
      total: quantity.times(fiatPerUnit),
      quantity,
      unitPrice: fiatPerUnit,
    },
    window,
    quantity,
    unitPrice: fiatPerUnit,
  };
}
