import type { CoreTransaction } from "../db/database.ts";
import { AppError, invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { findContractByKey, getContract } from "../store/contracts.ts";
import { findCustomer } from "../store/customers.ts";
import { findCustomerIdByAlias } from "../store/ingest-aliases.ts";
import { checkSameContract } from "./check-same-contract.ts";
import type { OperationContext } from "./context.ts";
import { type CreateContract, createContract } from "./create-contract.ts";
import { type CustomerRequest, createCustomer } from "./create-customer.ts";
import { tryOut } from "./try-out.ts";

/** A contract that was agreed on elsewhere, under a key of its own. */
export interface ContractImport {
  /** Its uniqueness key here. */
  readonly key: string;
  /** The customer's id, or an ingest alias. */
  readonly customer: string;
  /** Who is created where there is no such customer; undefined: there has to be one. */
  readonly newCustomer: CustomerRequest | undefined;
  readonly termsFor: (customerId: string) => CreateContract;
}

export interface ImportedContract {
  readonly contractId: string;
  readonly customerId: string;
  readonly creditTypeId: string;
  /** An earlier import created it. */
  readonly wasThere: boolean;
  readonly isCustomerNew: boolean;
}

/** What another import of the same file, that runs at the same time, may have been faster with. */
const TAKEN = new Set(["uniqueness_key_used", "ingest_alias_taken"]);

/**
 * Creates a contract with all its parts, and its customer where there is none yet: everything, or
 * nothing. A contract that is there under the key is answered as it is, or refused where the request
 * says anything else. With `preview` everything is done, answered, and taken back.
 */
export async function importContract(
  ctx: OperationContext,
  request: ContractImport,
  { preview }: { readonly preview: boolean },
): Promise<ImportedContract> {
  const importOnce = () => inTransaction(ctx.db, (tx) => importInto(tx, ctx, request, preview));
  try {
    return await importOnce();
  } catch (error) {
    if (!(error instanceof AppError) || !TAKEN.has(error.code)) throw error;
    return importOnce();
  }
}

async function importInto(
  tx: CoreTransaction,
  ctx: OperationContext,
  request: ContractImport,
  preview: boolean,
): Promise<ImportedContract> {
  const scope = { ...ctx, db: tx };
  const environmentId = ctx.environment.id;
  const there = await findContractByKey(tx, environmentId, request.key);
  const known = await findReferredCustomer(tx, environmentId, request.customer);
  if (there !== undefined) {
    await checkSameContract(tx, there, known, request.termsFor(there.customer_id));
    return toImported(there, { wasThere: true, isCustomerNew: false });
  }
  const row = await tryOut(tx, preview, async () => {
    const customerId = known ?? (await addCustomer(scope, request));
    const contractId = await createContract(scope, request.termsFor(customerId));
    faultPoint("import-contract/created");
    return getContract(tx, { environmentId, customerId, contractId });
  });
  return toImported(row, { wasThere: false, isCustomerNew: known === undefined });
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** As usage finds its customer: an alias that is spelt like an id means the id. */
async function findReferredCustomer(
  tx: CoreTransaction,
  environmentId: string,
  reference: string,
): Promise<string | undefined> {
  const own = UUID.test(reference) ? await findCustomer(tx, environmentId, reference) : undefined;
  return own?.id ?? findCustomerIdByAlias(tx, environmentId, reference);
}

async function addCustomer(
  ctx: OperationContext,
  { customer, newCustomer }: ContractImport,
): Promise<string> {
  if (newCustomer !== undefined) return (await createCustomer(ctx, newCustomer)).id;
  const reason = "no customer has that id or ingest alias, and there is no customer_name";
  throw invalid(`customer is ${JSON.stringify(customer)}: ${reason} to create it with`, "customer");
}

const toImported = (
  row: { readonly id: string; readonly customer_id: string; readonly fiat_credit_type_id: string },
  how: Pick<ImportedContract, "wasThere" | "isCustomerNew">,
): ImportedContract => ({
  contractId: row.id,
  customerId: row.customer_id,
  creditTypeId: row.fiat_credit_type_id,
  ...how,
});
