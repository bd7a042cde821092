import type { CoreTransaction } from "../db/database.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { instantText } from "../domain/time.ts";
import { AppError, conflict, notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import {
  type AccountDetails,
  listAccountDetails,
  NO_ACCOUNT_DETAILS,
  type StoredAccountDetails,
  writeAccountDetails,
} from "../store/account-details.ts";
import { deleteCustomFields, listCustomFields } from "../store/custom-field-values.ts";
import { type Customer, findCustomer, updateCustomer } from "../store/customers.ts";
import { archiveCustomer } from "./archive-customer.ts";
import type { OperationContext } from "./context.ts";
import { createCustomer } from "./create-customer.ts";
import { toCustomerName } from "./customer-name.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";
import { refuseOtherVersion } from "./refuse-other-version.ts";
import { requestAlertEvaluation } from "./request-threshold-evaluation.ts";
import { setCustomFields } from "./set-custom-fields.ts";

/** A customer as the integrations surface sees it. */
export interface Account extends StoredAccountDetails {
  readonly customer: Customer;
  readonly customFields: CustomFields;
}

/** What an account is made of, or replaced by. */
export interface AccountRequest extends AccountDetails {
  readonly name: string;
  readonly customFields: CustomFields;
}

/** Adds to customers what this surface knows of them, with one query for each kind of it. */
export async function loadAccounts(
  ctx: OperationContext,
  customers: readonly Customer[],
): Promise<Account[]> {
  const ids = customers.map(({ id }) => id);
  const details = await listAccountDetails(ctx.db, ids);
  const fields = await listCustomFields(ctx.db, ctx.environment.id, "customer", ids);
  return customers.map((customer) => ({
    ...(details.get(customer.id) ?? NO_ACCOUNT_DETAILS),
    customer,
    customFields: fields.get(customer.id) ?? {},
  }));
}

/** An account that was not deleted. Throws not_found. */
export async function getAccount(ctx: OperationContext, id: string): Promise<Account> {
  const customer = await findCustomer(ctx.db, ctx.environment.id, id);
  if (customer === undefined || customer.archivedAt !== null) throw notFound("account", id);
  const [account] = await loadAccounts(ctx, [customer]);
  if (account === undefined) throw notFound("account", id);
  return account;
}

/** Creates a customer with its details, or nothing. Throws conflict when the code is another's. */
export async function createAccount(
  ctx: OperationContext,
  { name, customFields, ...details }: AccountRequest,
): Promise<Account> {
  return inTransaction(ctx.db, async (tx) => {
    const scope = { ...ctx, db: tx };
    const { id } = await createCustomer(scope, {
      name,
      ingestAliases: [],
      customFields: undefined,
      routes: [],
    });
    await setCustomFields(tx, ctx, "customer", id, customFields, "customFields");
    await writeAccountDetails(tx, {
      ...details,
      customerId: id,
      environmentId: ctx.environment.id,
      version: 1,
      createdBy: ctx.actor,
      updatedAt: instantText(ctx.now),
      updatedBy: ctx.actor,
    });
    return getAccount(scope, id);
  });
}

/**
 * Replaces an account as a whole: what the request leaves out is gone. `check` sees the account as it
 * is and may refuse. Throws conflict when `version` is not its present one, or the code is another's.
 */
export async function replaceAccount(
  ctx: OperationContext,
  id: string,
  { name, customFields, ...details }: AccountRequest,
  { version, check }: { readonly version: number; readonly check: (account: Account) => void },
): Promise<Account> {
  return inTransaction(ctx.db, async (tx) => {
    const scope = { ...ctx, db: tx };
    await getAccount(scope, id);
    await lockActiveCustomer(tx, ctx, id);
    const account = await getAccount(scope, id);
    refuseOtherVersion("account", account.version, version);
    check(account);
    const updatedAt = instantText(ctx.now);
    if (account.customer.name !== toCustomerName(name)) {
      await updateCustomer(tx, id, { updatedAt, name: toCustomerName(name) });
    }
    await replaceCustomFields(tx, ctx, account, customFields);
    await writeAccountDetails(tx, {
      ...details,
      customerId: id,
      environmentId: ctx.environment.id,
      version: version + 1,
      createdBy: account.createdBy,
      updatedAt,
      updatedBy: ctx.actor,
    });
    return getAccount(scope, id);
  });
}

async function replaceCustomFields(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customer: { id }, customFields: before }: Account,
  fields: CustomFields,
): Promise<void> {
  const dropped = Object.keys(before).filter((key) => !Object.hasOwn(fields, key));
  if (dropped.length > 0) {
    await deleteCustomFields(tx, ctx.environment.id, "customer", id, dropped);
  }
  await setCustomFields(tx, ctx, "customer", id, fields, "customFields");
  await requestAlertEvaluation(tx, ctx, id);
}

/**
 * Archives the customer, and answers the account as it was. Throws conflict, with the reason, when the
 * customer cannot be archived now; not_found.
 */
export async function deleteAccount(ctx: OperationContext, id: string): Promise<Account> {
  const account = await getAccount(ctx, id);
  try {
    await archiveCustomer(ctx, id);
  } catch (error) {
    if (error instanceof AppError && error.kind === "invalid") {
      throw conflict(`Account ${id} cannot be deleted: ${error.message}`, error.code);
    }
    throw error;
  }
  return account;
}
