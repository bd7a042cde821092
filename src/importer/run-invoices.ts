import { toText } from "../domain/decimal.ts";
import type { OperationContext } from "../operations/context.ts";
import { productNames } from "./catalogue.ts";
import { readContractMap } from "./contract-map.ts";
import { type ImportOutcome, importFile } from "./import-file.ts";
import { readInvoices } from "./read-invoices.ts";
import type { Table } from "./read-table.ts";
import { out, progress, reportRefusals } from "./report.ts";

const MOST_SHOWN = 20;

/** Imports a file of invoices and reports what came of it; answers whether all of it went in. */
export async function runInvoices(
  ctx: OperationContext,
  table: Table,
  { map, preview }: { readonly map: string; readonly preview: boolean },
): Promise<boolean> {
  const contracts = readContractMap(map);
  const read = readInvoices(table, { contracts, products: await productNames(ctx) });
  const onProgress = progress(read.invoices.length, "invoice");
  const outcome = await importFile(ctx, read.invoices, { preview, onProgress });
  const refusals = [...read.refusals, ...outcome.refusals];
  report(outcome, preview);
  reportRefusals(refusals, "invoice");
  return refusals.length === 0;
}

function report(
  { imported, lines, alreadyThere, total, compared }: ImportOutcome,
  preview: boolean,
) {
  out(
    `${preview ? "Would be imported" : "Imported"}: ${imported} invoices, ${lines} lines, total ${toText(total)}`,
  );
  if (alreadyThere > 0) out(`Already there: ${alreadyThere} invoices`);
  if (compared.count === 0) return;
  out(
    `Compared: ${compared.count} invoices, here ${toText(compared.total)}, billed ${toText(compared.billed)}; ${compared.differing.length} differ`,
  );
  for (const { invoice, difference } of compared.differing.slice(0, MOST_SHOWN)) {
    out(`  invoice ${invoice}: ${toText(difference)}`);
  }
  if (compared.differing.length > MOST_SHOWN) {
    out(`  and ${compared.differing.length - MOST_SHOWN} more`);
  }
}
