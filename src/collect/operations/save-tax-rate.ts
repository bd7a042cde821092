import { assert } from "../../errors.ts";
import { mergeMetadata } from "../domain/metadata.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { toTaxRate } from "../serializers/to-tax-rate.ts";
import { insertTaxRates, lockTaxRate, type TaxRateRow, updateTaxRate } from "../store/tax-rates.ts";
import { previousAttributes } from "./changes.ts";
import { recordEvent } from "./record-event.ts";

/** What a request says about a tax rate; undefined leaves a thing as it is. */
export interface TaxRateTerms {
  readonly active?: boolean | undefined;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly country?: string | undefined;
  readonly state?: string | undefined;
  readonly jurisdiction?: string | undefined;
  readonly taxType?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
}

export interface NewTaxRate extends TaxRateTerms {
  readonly displayName: string;
  readonly inclusive: boolean;
  /** Decimal text, 0 to 100. */
  readonly percentage: string;
  readonly jurisdictionLevel?: string | undefined;
}

/** Makes tax rates, told of one by one. */
export async function createTaxRates(
  scope: Scope,
  rates: readonly NewTaxRate[],
): Promise<TaxRateRow[]> {
  const rows = await insertTaxRates(
    scope,
    rates.map((rate) => ({
      id: newId("txr"),
      active: rate.active ?? true,
      display_name: rate.displayName,
      description: rate.description ?? null,
      inclusive: rate.inclusive,
      percentage: rate.percentage,
      country: rate.country ?? null,
      state: rate.state ?? null,
      jurisdiction: rate.jurisdiction ?? null,
      jurisdiction_level: rate.jurisdictionLevel ?? null,
      tax_type: rate.taxType ?? null,
      metadata: JSON.stringify(mergeMetadata({}, rate.metadata)),
    })),
  );
  for (const row of rows) {
    recordEvent(scope, { type: "tax_rate.created", object: toTaxRate(row) });
  }
  return rows;
}

/** Makes one tax rate. */
export async function createTaxRate(scope: Scope, rate: NewTaxRate): Promise<TaxRateRow> {
  const [row] = await createTaxRates(scope, [rate]);
  assert(row !== undefined, "one tax rate makes one row");
  return row;
}

/** Changes all but the percentage and whether it is inclusive: those never change. Throws 404. */
export async function changeTaxRate(
  scope: Scope,
  id: string,
  terms: TaxRateTerms,
): Promise<TaxRateRow> {
  const before = await lockTaxRate(scope, id);
  const after = await updateTaxRate(scope, id, {
    active: terms.active ?? before.active,
    display_name: terms.displayName ?? before.display_name,
    description: terms.description ?? before.description,
    country: terms.country ?? before.country,
    state: terms.state ?? before.state,
    jurisdiction: terms.jurisdiction ?? before.jurisdiction,
    tax_type: terms.taxType ?? before.tax_type,
    metadata: JSON.stringify(mergeMetadata(before.metadata, terms.metadata)),
  });
  const object = toTaxRate(after);
  const previous = previousAttributes(toTaxRate(before), object);
  if (previous !== undefined) {
    recordEvent(scope, { type: "tax_rate.updated", object, previousAttributes: previous });
  }
  return after;
}
