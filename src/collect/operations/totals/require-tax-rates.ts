import { refused } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import { listTaxRatesById } from "../../store/tax-rates.ts";

/** Throws 400 for the first id that is no active tax rate, or is named twice; `param` names its place. */
export async function requireTaxRates(
  scope: Scope,
  ids: readonly string[],
  param: (index: number) => string,
): Promise<void> {
  const rates = await listTaxRatesById(scope, ids);
  for (const [index, id] of ids.entries()) {
    const rate = rates.get(id);
    if (rate === undefined) {
      throw refused("resource_missing", `No such tax_rate: '${id}'`, param(index));
    }
    if (!rate.active) {
      throw refused("invalid_argument", `The tax rate ${id} is not active.`, param(index));
    }
    if (ids.indexOf(id) !== index) {
      throw refused("invalid_argument", `The tax rate ${id} is named twice.`, param(index));
    }
  }
}
