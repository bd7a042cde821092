import { getCreditType } from "../domain/credit-type.ts";
import { sum, toText } from "../domain/decimal.ts";
import type { OperationContext } from "../operations/context.ts";
import { productNames, rateCardFinder } from "./catalogue.ts";
import { findContractMap, type MappedContract, writeContractMap } from "./contract-map.ts";
import { importContracts, type MadeContract } from "./import-contracts-file.ts";
import { readContracts } from "./read-contracts.ts";
import type { Table } from "./read-table.ts";
import { out, progress, reportRefusals } from "./report.ts";

/**
 * Imports a file of contracts, writes which is which into the map, and reports what came of it;
 * answers whether all of it went in.
 */
export async function runContracts(
  ctx: OperationContext,
  table: Table,
  { map, preview }: { readonly map: string; readonly preview: boolean },
): Promise<boolean> {
  // Read first: what is no map must not be written over.
  const mapped = new Map(findContractMap(map));
  const names = {
    findRateCard: await rateCardFinder(ctx),
    fixedProducts: await productNames(ctx, "FIXED"),
  };
  const read = await readContracts(table, names);
  const onProgress = progress(read.contracts.length, "contract");
  const { made, refusals: refusedThere } = await importContracts(ctx, read.contracts, {
    preview,
    onProgress,
  });
  const refusals = [...read.refusals, ...refusedThere].toSorted(
    (a, b) => (a.rows[0] ?? 0) - (b.rows[0] ?? 0),
  );
  const isOld = ({ contract }: MadeContract) => contract.wasThere;
  const created = made.filter((one) => !isOld(one));
  out(
    `${preview ? "Would be created" : "Created"}: ${created.length} contracts, ${countNewCustomers(created)} customers`,
  );
  reportBalances(created);
  const there = made.filter(isOld);
  if (there.length > 0) out(`Already there: ${there.length} contracts`);
  reportBalances(there);
  reportRefusals(refusals, "contract");
  if (!preview) {
    for (const { key } of refusals) mapped.delete(key);
    for (const one of made) mapped.set(one.file.key, toMapped(one));
    writeContractMap(map, mapped);
    out(`Contract map: ${mapped.size} contracts in ${map}`);
  }
  return refusals.length === 0;
}

const toMapped = ({ contract: { contractId, customerId, creditTypeId } }: MadeContract) =>
  ({ contractId, customerId, creditTypeId }) satisfies MappedContract;

/** In a preview each contract of a new customer finds none: they are counted once. */
const countNewCustomers = (made: readonly MadeContract[]): number =>
  new Set(
    made.filter(({ contract }) => contract.isCustomerNew).map(({ file }) => file.request.customer),
  ).size;

/** How many opening balances there are of each type and currency, and what they come to. */
function reportBalances(made: readonly MadeContract[]): void {
  const balances = made.flatMap(({ file, contract }) =>
    file.balances.map(({ type, amount }) => ({
      kind: `${type} opening balances in ${getCreditType(contract.creditTypeId).name}`,
      amount,
    })),
  );
  for (const [kind, own] of Map.groupBy(balances, (balance) => balance.kind)) {
    out(`  ${own.length} ${kind}, total ${toText(sum(own.map(({ amount }) => amount)))}`);
  }
}
