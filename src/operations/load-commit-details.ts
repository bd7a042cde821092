import {
  currentBalance,
  LEDGER_PREFIX,
  type LedgerEntry,
  type LedgerInput,
  ledgerEntries,
} from "../domain/commits/ledger.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { type Decimal, dec, ZERO } from "../domain/decimal.ts";
import { productStateAt } from "../domain/pricing/product-history.ts";
import { instant } from "../domain/time.ts";
import { listContractsOfInvoices, listLedgerEntries } from "../store/commit-ledger.ts";
import type { CommitRecord } from "../store/commits.ts";
import { listCustomFields } from "../store/custom-field-values.ts";
import { listUnitNames } from "../store/pricing-units.ts";
import { listProducts, toProduct } from "../store/products.ts";
import { listRolloverSources } from "../store/rollover-commits.ts";
import { carriedAway, isUnsettled, withCarried } from "./carried-amounts.ts";
import type { OperationContext } from "./context.ts";
import {
  type DraftDrawDown,
  type DraftMovements,
  draftMovements,
  postedMovements,
} from "./draft-drawdowns.ts";
import type { RatedDrafts } from "./rate-drafts.ts";

export interface CommitDetail {
  readonly record: CommitRecord;
  readonly productName: string;
  readonly customFields: CustomFields;
  /** Of the rest of an earlier contract's commit: that one. */
  readonly rolledOverFrom: RolledOverFrom | null;
  /** When it was asked for. */
  readonly balance: Decimal | undefined;
  readonly ledger: readonly LedgerEntry[] | undefined;
  /** What the environment's pricing units are called, by id. */
  readonly units: ReadonlyMap<string, string>;
}

export interface RolledOverFrom {
  readonly id: string;
  readonly contractId: string;
}

export interface CommitDetailChoice {
  readonly balance: boolean;
  readonly ledgers: boolean;
  /** Whether what drafts reserve counts as gone. Default: it does. */
  readonly withDrafts?: boolean;
  /** The customer's drafts, where they were rated in the same snapshot. */
  readonly rated?: RatedDrafts;
}

/**
 * Commits and credits of one customer with what is shown of them. Balances and ledgers rate the
 * customer's drafts, so run it in one snapshot: what is finalized meanwhile must count once.
 */
export async function loadCommitDetails(
  ctx: OperationContext,
  customerId: string,
  records: readonly CommitRecord[],
  choice: CommitDetailChoice,
): Promise<CommitDetail[]> {
  if (records.length === 0) return [];
  const ids = records.map(({ row }) => row.id);
  const environmentId = ctx.environment.id;
  const commitFields = await listCustomFields(ctx.db, environmentId, "commit", ids);
  const creditFields = await listCustomFields(ctx.db, environmentId, "contract_credit", ids);
  const units = await listUnitNames(ctx.db, environmentId);
  const names = await loadProductNames(
    ctx,
    records.map(({ row }) => row.product_id),
  );
  const sources = await listRolloverSources(ctx.db, customerId);
  const isMoving = choice.balance || choice.ledgers;
  const drafts =
    isMoving || records.some(isUnsettled)
      ? await loadDraftMovements(ctx, customerId, choice)
      : undefined;
  const movements = isMoving && drafts ? await loadMovements(ctx, records, drafts) : undefined;
  return records.map((stored) => {
    const record = withCarried(stored, drafts?.rollovers ?? []);
    const { row } = record;
    const input = movements && toLedgerInput(ctx, record, movements.get(row.id) ?? []);
    const fields = row.type === "CREDIT" ? creditFields : commitFields;
    return {
      record,
      productName: names.get(row.product_id) ?? "",
      customFields: fields.get(row.id) ?? {},
      rolledOverFrom: sources.get(row.id) ?? null,
      balance: choice.balance && input ? balanceOf(record, input) : undefined,
      ledger: choice.ledgers && input ? ledgerEntries(input) : undefined,
      units,
    };
  });
}

/** An archived commit can no longer be burned. */
const balanceOf = ({ row }: CommitRecord, input: LedgerInput): Decimal =>
  row.archived_at === null ? currentBalance(input) : ZERO;

/** What products are called now, by id. */
export async function loadProductNames(
  ctx: OperationContext,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const products = (await listProducts(ctx.db, productIds)).map(toProduct);
  return new Map(products.map(({ id, versions }) => [id, productStateAt(versions, ctx.now).name]));
}

const toLedgerInput = (
  ctx: OperationContext,
  { row, segments, invoiceItems }: CommitRecord,
  movements: readonly LedgerEntry[],
): LedgerInput => ({
  type: row.type,
  segments: segments.map((segment) => ({
    id: segment.id,
    amount: dec(segment.amount),
    startingAt: instant(segment.starting_at),
    endingBefore: instant(segment.ending_before),
  })),
  movements,
  expires: row.archived_at !== null || !isTruedUp(row, invoiceItems.length),
  archivedAt: row.archived_at === null ? null : instant(row.archived_at),
  now: ctx.now,
});

const isTruedUp = (row: CommitRecord["row"], dates: number): boolean =>
  row.type === "POSTPAID" && dates > 0 && !row.do_not_invoice && row.true_up_disabled_at === null;

const loadDraftMovements = (
  ctx: OperationContext,
  customerId: string,
  { withDrafts = true, rated }: CommitDetailChoice,
): Promise<DraftMovements> =>
  withDrafts ? draftMovements(ctx, customerId, rated) : postedMovements(ctx, customerId);

/** Posted entries and the drafts' reservations, by commit. */
async function loadMovements(
  ctx: OperationContext,
  records: readonly CommitRecord[],
  { drawDowns: drafts, rollovers }: DraftMovements,
): Promise<ReadonlyMap<string, LedgerEntry[]>> {
  const ids = records.map(({ row }) => row.id);
  const posted = await listLedgerEntries(ctx.db, ids);
  const invoiceIds = [...posted.values()]
    .flat()
    .map((entry) => entry.invoice_id)
    .filter((id) => id !== null);
  const contracts = await listContractsOfInvoices(ctx.db, [
    ...invoiceIds,
    ...drafts.map(({ invoiceId }) => invoiceId),
  ]);
  const contractOf = (invoiceId: string | null): string | null =>
    invoiceId === null ? null : (contracts.get(invoiceId) ?? null);
  const reserved = Map.groupBy(drafts, ({ commitId }) => commitId);
  return new Map(
    ids.map((id) => [
      id,
      [
        ...(posted.get(id) ?? []).map((entry) => ({
          type: entry.type,
          segmentId: entry.segment_id,
          amount: dec(entry.amount),
          at: instant(entry.entered_at),
          invoiceId: entry.invoice_id,
          contractId: contractOf(entry.invoice_id),
          newContractId: entry.new_contract_id,
          reason: entry.reason,
        })),
        ...(reserved.get(id) ?? []).map((drawDown) =>
          toReservation(drawDown, contractOf(drawDown.invoiceId)),
        ),
        ...carriedAway(id, rollovers, ctx.now),
      ],
    ]),
  );
}

const toReservation = (drawDown: DraftDrawDown, contractId: string | null): LedgerEntry => ({
  type: `${LEDGER_PREFIX[drawDown.commitType]}_AUTOMATED_INVOICE_DEDUCTION`,
  segmentId: drawDown.segmentId,
  amount: drawDown.amount.neg(),
  at: drawDown.at,
  invoiceId: drawDown.invoiceId,
  contractId,
  reason: null,
});
