import { BILL_OPTIONS, GLOBAL_OPTIONS } from "../domain/integrations/bill-options.ts";
import type { OptionChoice, OptionFields } from "../domain/integrations/option-field.ts";
import { AppError, invalid } from "../errors.ts";
import { ProviderReadError } from "../providers/read-error.ts";
import type { Connection } from "../store/connection.ts";
import { findDefaultConnection, getLiveConnection } from "../store/connections.ts";
import { listCustomers } from "../store/customers.ts";
import { listUsers } from "../store/organization-users.ts";
import type { OperationContext } from "./context.ts";
import type { Destination } from "./find-destination.ts";
import { openConnection } from "./open-connection.ts";

export interface ValueQuery {
  readonly option: string;
  /** Whose values; undefined: those of the environment's default account. */
  readonly credentialId: string | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

export interface OptionValues {
  readonly values: readonly OptionChoice[];
  /** Where the next page begins; undefined at the end. */
  readonly next: string | undefined;
}

const NOTHING: OptionValues = { values: [], next: undefined };

function readPosition(after: string | undefined): bigint | undefined {
  if (after === undefined) return undefined;
  if (/^\d{1,18}$/.test(after)) return BigInt(after);
  throw invalid("nextToken is not a token of this list", "nextToken");
}

function cut<Row extends { readonly position: bigint }>(
  rows: readonly Row[],
  limit: number,
  toChoice: (row: Row) => OptionChoice,
): OptionValues {
  const page = rows.slice(0, limit);
  const next = rows.length > limit ? page.at(-1)?.position.toString() : undefined;
  return { values: page.map(toChoice), next };
}

async function listAccounts(ctx: OperationContext, { after, limit }: ValueQuery) {
  const filter = {
    environmentId: ctx.environment.id,
    onlyArchived: false,
    customerIds: [],
    salesforceAccountIds: [],
    ingestAlias: undefined,
  };
  const rows = await listCustomers(ctx.db, filter, readPosition(after), limit);
  return cut(rows, limit, ({ id, name }) => ({ id, label: name }));
}

async function listTold(ctx: OperationContext, { after, limit }: ValueQuery) {
  const rows = await listUsers(ctx.db, ctx.environment.id, readPosition(after), limit);
  return cut(rows, limit, ({ id, name, email }) => ({ id, label: `${name} <${email}>` }));
}

/** Options whose values are ours. */
const OURS: Readonly<
  Record<string, (ctx: OperationContext, query: ValueQuery) => Promise<OptionValues>>
> = {
  accountIds: listAccounts,
  restrictedAccountIds: listAccounts,
  disabledNotificationUserIds: listTold,
};

async function findAccount(
  ctx: OperationContext,
  { provider, destination }: Destination,
  credentialId: string | undefined,
): Promise<Connection | undefined> {
  if (credentialId === undefined) {
    return findDefaultConnection(ctx.db, ctx.environment.id, provider);
  }
  const connection = await getLiveConnection(ctx.db, ctx.environment.id, credentialId);
  if (connection.provider === provider) return connection;
  const field = "integrationCredentialsId";
  throw invalid(`${field} must name a credential for ${destination}`, field);
}

/** Asks the account itself. A failure is told as one: an empty list would look like the truth. */
async function listTheirs(
  ctx: OperationContext,
  destination: Destination,
  { option, credentialId, after, limit }: ValueQuery,
): Promise<OptionValues> {
  const connection = await findAccount(ctx, destination, credentialId);
  if (connection === undefined) return NOTHING;
  const opened = openConnection(ctx, connection, ctx.environment.name);
  try {
    return await destination.target.listValues(opened, option, { after, limit });
  } catch (error) {
    if (!(error instanceof ProviderReadError)) throw error;
    throw new AppError(
      error.permanent ? "conflict" : "unavailable",
      error.code,
      `${destination.label} does not tell its values: ${error.message}`,
      { cause: error },
    );
  }
}

/**
 * What can be chosen for an option, a page at a time. Calls the provider for some, so it must not run
 * in a transaction. Throws AppError when the option is unknown or is not chosen from a list.
 */
export async function listOptionValues(
  ctx: OperationContext,
  destination: Destination,
  query: ValueQuery,
): Promise<OptionValues> {
  const { option } = query;
  const fields: OptionFields = {
    ...GLOBAL_OPTIONS,
    ...BILL_OPTIONS,
    ...destination.target.options,
  };
  const field = Object.hasOwn(fields, option) ? fields[option] : undefined;
  if (field === undefined) {
    throw invalid(`configOption must be one of ${Object.keys(fields).join(", ")}`, "configOption");
  }
  if (field.choices !== undefined) return { values: field.choices, next: undefined };
  if (field.hasValues !== true) {
    throw invalid(`${option} is not chosen from a list of values`, "configOption");
  }
  const ours = OURS[option];
  return ours === undefined ? listTheirs(ctx, destination, query) : ours(ctx, query);
}
