import type { CoreTransaction } from "../db/database.ts";
import { invalid, notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { type ContractRow, listContracts } from "../store/contracts.ts";
import { addCommit, type CommitTerms } from "./add-commit.ts";
import { namedProducts } from "./check-commit-terms.ts";
import { checkProducts } from "./check-products.ts";
import type { OperationContext } from "./context.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";
import { openContract } from "./open-invoices.ts";
import { watchLifecycle } from "./watch-lifecycle.ts";

export interface CreateCustomerCommit {
  readonly customerId: string;
  readonly terms: CommitTerms;
  /** The contract whose invoices carry the purchase; required unless the commit is free. */
  readonly invoiceContractId: string | undefined;
  /** Empty: all of the customer's contracts. */
  readonly applicableContractIds: readonly string[];
  readonly uniquenessKey: string | null;
}

/**
 * Adds a commit or credit that belongs to the customer, and the invoices of its purchase; returns
 * its id. A uniqueness key that was used is a conflict.
 */
export async function createCustomerCommit(
  ctx: OperationContext,
  input: CreateCustomerCommit,
): Promise<string> {
  const { customerId } = input;
  return inTransaction(ctx.db, async (tx) => {
    await lockActiveCustomer(tx, ctx, customerId);
    return watchLifecycle(tx, ctx, customerId, () => addToCustomer(tx, ctx, input));
  });
}

async function addToCustomer(
  tx: CoreTransaction,
  ctx: OperationContext,
  input: CreateCustomerCommit,
): Promise<string> {
  const { customerId, terms } = input;
  const inTx = { ...ctx, db: tx };
  const product = { id: terms.productId, path: "product_id" };
  await checkProducts(inTx, [product], namedProducts(terms));
  const contracts = await listContracts(tx, {
    environmentId: ctx.environment.id,
    customerId,
    includeArchived: false,
  });
  for (const id of input.applicableContractIds) pick(contracts, id);
  const billedBy = findInvoiceContract(input, contracts);
  const commitId = await addCommit(
    tx,
    ctx,
    terms,
    {
      customerId,
      contractId: null,
      applicableContractIds: input.applicableContractIds,
      invoiceContract: billedBy && {
        id: billedBy.id,
        creditTypeId: billedBy.fiat_credit_type_id,
      },
      uniquenessKey: input.uniquenessKey,
    },
    "",
  );
  if (billedBy !== null && terms.purchase?.doNotInvoice === false) {
    await openContract(tx, ctx, billedBy.id);
  }
  return commitId;
}

function findInvoiceContract(
  { invoiceContractId, terms }: CreateCustomerCommit,
  contracts: readonly ContractRow[],
): ContractRow | null {
  if (invoiceContractId !== undefined) return pick(contracts, invoiceContractId);
  if (terms.purchase !== undefined && !terms.purchase.doNotInvoice) {
    throw invalid(
      "invoice_contract_id is required for a commit that is invoiced",
      "invoice_contract_id",
    );
  }
  return null;
}

function pick(contracts: readonly ContractRow[], id: string): ContractRow {
  const found = contracts.find((contract) => contract.id === id);
  if (found === undefined) throw notFound("contract", id);
  return found;
}
