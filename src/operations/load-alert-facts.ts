import { type Alert, alertKind } from "../domain/alerts/alert.ts";
import type { HeldSegment } from "../domain/alerts/held-segment.ts";
import { isOfBalances } from "../domain/alerts/measure-balances.ts";
import type { WatchedDraft } from "../domain/alerts/measure-invoices.ts";
import { dec, max, sum, ZERO } from "../domain/decimal.ts";
import { instant } from "../domain/time.ts";
import { listCommits } from "../store/commits.ts";
import { listCustomFields } from "../store/custom-field-values.ts";
import type { OperationContext } from "./context.ts";
import { type CommitDetail, loadCommitDetails } from "./load-commit-details.ts";
import { type RatedDrafts, rateDrafts } from "./rate-drafts.ts";

/** What alerts look at of one customer, all of one snapshot of the database. */
export interface AlertFacts {
  readonly drafts: readonly WatchedDraft[];
  /** Commits and credits; none when no alert measures them. */
  readonly segments: readonly HeldSegment[];
}

const NOTHING_RATED: RatedDrafts = { drafts: [], snapshot: undefined, rollovers: undefined };

/**
 * Reads what these alerts need. Costs one rating of the customer's drafts, or none where only days
 * are counted.
 */
export async function loadAlertFacts(
  ctx: OperationContext,
  customerId: string,
  alerts: readonly Alert[],
): Promise<AlertFacts> {
  const isRated = alerts.some(({ type }) => alertKind(type).measure !== "days");
  const rated = isRated ? await rateDrafts(ctx, customerId) : NOTHING_RATED;
  return {
    drafts: await loadDrafts(ctx, rated),
    segments: alerts.some(isOfBalances) ? await loadSegments(ctx, customerId, rated) : [],
  };
}

async function loadDrafts(ctx: OperationContext, { drafts }: RatedDrafts): Promise<WatchedDraft[]> {
  const fields = await loadContractFields(
    ctx,
    drafts.map(({ rated }) => rated.contractId),
  );
  return drafts.map(({ rated, detailed }) => ({
    own: detailed.invoice,
    whole: rated,
    contractFields: fields.get(rated.contractId) ?? {},
  }));
}

const loadContractFields = (ctx: OperationContext, contractIds: readonly string[]) =>
  listCustomFields(ctx.db, ctx.environment.id, "contract", [...new Set(contractIds)]);

async function loadSegments(
  ctx: OperationContext,
  customerId: string,
  rated: RatedDrafts,
): Promise<HeldSegment[]> {
  const records = await listCommits(ctx.db, { customerId, includeArchived: false });
  const choice = { balance: false, ledgers: true, rated };
  const details = await loadCommitDetails(ctx, customerId, records, choice);
  const contractIds = records.flatMap(({ row }) => row.contract_id ?? []);
  const fields = await loadContractFields(ctx, contractIds);
  return details.flatMap((detail) => {
    const { contract_id: contractId } = detail.record.row;
    return toSegments(detail, contractId === null ? null : (fields.get(contractId) ?? {}));
  });
}

function toSegments(
  { record: { row, segments }, customFields, ledger = [] }: CommitDetail,
  contractFields: HeldSegment["contractFields"],
): HeldSegment[] {
  const entries = Map.groupBy(ledger, ({ segmentId }) => segmentId);
  const groupKey = row.recurring_plan?.seats?.group_key;
  return segments.map((segment) => ({
    id: segment.id,
    commitId: row.id,
    type: row.type,
    creditTypeId: row.access_credit_type_id,
    seat:
      segment.seat_id === null || groupKey === undefined
        ? null
        : { groupKey, seatId: segment.seat_id },
    startingAt: instant(segment.starting_at),
    endingBefore: instant(segment.ending_before),
    granted: dec(segment.amount),
    remaining: max(ZERO, sum((entries.get(segment.id) ?? []).map(({ amount }) => amount))),
    customFields,
    contractFields,
  }));
}
