import type { CoreDb } from "../db/database.ts";
import { type Decimal, sum, toText } from "../domain/decimal.ts";
import { instant } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { type CommitFilter, listCommits } from "../store/commits.ts";
import { getCustomer } from "../store/customers.ts";
import { findPricingUnit } from "../store/pricing-units.ts";
import { isCurrency } from "./check-credit-type.ts";
import { checkReach } from "./check-reach.ts";
import type { OperationContext } from "./context.ts";
import {
  type CommitDetail,
  type CommitDetailChoice,
  loadCommitDetails,
} from "./load-commit-details.ts";

export interface CommitQuery extends CommitFilter, CommitDetailChoice {
  /** Leaves out those with nothing to burn now. */
  readonly excludeZeroBalances?: boolean;
  readonly limit: number;
}

/**
 * A customer's commits and credits in the order of their creation, one more than `limit` where more
 * follow. Throws not found without a customer.
 */
export async function readCommits(
  ctx: OperationContext,
  query: CommitQuery,
): Promise<CommitDetail[]> {
  const { limit, excludeZeroBalances, ...filter } = query;
  checkWindow(query);
  const read = async (db: CoreDb) => {
    await getCustomer(db, ctx.environment.id, query.customerId);
    if (!excludeZeroBalances) {
      const records = await listCommits(db, { ...filter, limit: limit + 1 });
      return loadCommitDetails({ ...ctx, db }, query.customerId, records, query);
    }
    // A balance is not in the database: all of them are computed before the page is cut.
    const records = await listCommits(db, filter);
    const choice = { ...query, balance: true };
    const details = await loadCommitDetails({ ...ctx, db }, query.customerId, records, choice);
    return details
      .filter(({ balance }) => balance !== undefined && toText(balance) !== "0")
      .slice(0, limit + 1)
      .map((detail) => (query.balance ? detail : { ...detail, balance: undefined }));
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}

function checkWindow({ coveringAt, endingAfter, startingBefore }: CommitFilter): void {
  const fields = { covering_date: coveringAt, starting_at: endingAfter };
  for (const [field, at] of Object.entries({ ...fields, effective_before: startingBefore })) {
    if (at !== undefined) checkReach(instant(at), field);
  }
}

/** Any of the filters matches; within one all that it names. */
export interface BalanceFilter {
  readonly types: readonly string[] | undefined;
  readonly ids: readonly string[] | undefined;
  readonly customFields: Readonly<Record<string, string>>;
}

export interface NetBalanceQuery {
  readonly customerId: string;
  readonly creditTypeId: string;
  readonly filters: readonly BalanceFilter[];
  readonly withDrafts: boolean;
}

/** What a customer can burn now of all its commits and credits in one currency or pricing unit. */
export async function readNetBalance(
  ctx: OperationContext,
  { customerId, creditTypeId, filters, withDrafts }: NetBalanceQuery,
): Promise<Decimal> {
  const read = async (db: CoreDb) => {
    await getCustomer(db, ctx.environment.id, customerId);
    await checkKnown(db, ctx, creditTypeId);
    const records = await listCommits(db, { customerId, includeArchived: false });
    const wanted = records.filter(({ row }) => row.access_credit_type_id === creditTypeId);
    const choice = { balance: true, ledgers: false, withDrafts };
    return loadCommitDetails({ ...ctx, db }, customerId, wanted, choice);
  };
  const details = await inTransaction(ctx.db, read, { oneSnapshot: true });
  const counted = details.filter(
    (detail) => filters.length === 0 || filters.some((filter) => isMeant(detail, filter)),
  );
  return sum(counted.map(({ balance }) => balance).filter((balance) => balance !== undefined));
}

/** An archived unit may have balances. */
async function checkKnown(db: CoreDb, ctx: OperationContext, creditTypeId: string): Promise<void> {
  if (isCurrency(creditTypeId)) return;
  if ((await findPricingUnit(db, ctx.environment.id, creditTypeId)) !== undefined) return;
  const field = "credit_type_id";
  throw invalid(`${field} is neither a currency nor a pricing unit of this account`, field);
}

function isMeant({ record, customFields }: CommitDetail, filter: BalanceFilter): boolean {
  const { type, id } = record.row;
  const balanceType = type === "CREDIT" ? "CREDIT" : `${type}_COMMIT`;
  return (
    (filter.types === undefined || filter.types.includes(balanceType)) &&
    (filter.ids === undefined || filter.ids.includes(id)) &&
    Object.entries(filter.customFields).every(([key, value]) => customFields[key] === value)
  );
}
