import type { CoreTransaction } from "../db/database.ts";
import { earlier, type Instant, instant, isAfter, isBefore } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { type CommitRecord, listCommits } from "../store/commits.ts";
import { type ContractRow, listContracts } from "../store/contracts.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { hasOpenWorkflow } from "../store/payment-workflows.ts";
import {
  listEnabledThresholds,
  type ThresholdConfiguration,
} from "../store/threshold-configurations.ts";
import { buyAtThreshold } from "./buy-at-threshold.ts";
import type { OperationContext } from "./context.ts";
import { measureBalance, measureSpend } from "./measure-threshold.ts";
import { watchLifecycle } from "./watch-lifecycle.ts";

/**
 * Looks at every enabled threshold of a customer and buys what one that was reached calls for. Costs a
 * rating of the customer's drafts, so hours x groups and never events. Those who decide on the same
 * customer take turns, and a threshold whose last purchase is not settled is passed over: one
 * crossing is one purchase, however often and from how many processes this is called. Answers when
 * time alone may change a balance next.
 */
export async function evaluateThresholds(
  ctx: OperationContext,
  customerId: string,
): Promise<Instant | undefined> {
  return inTransaction(
    ctx.db,
    async (tx) => {
      await takeInvoicingTurn(tx, customerId);
      const environmentId = ctx.environment.id;
      const enabled = await listEnabledThresholds(tx, environmentId, customerId);
      if (enabled.length === 0) return undefined;
      const contracts = new Map(
        (await listContracts(tx, { environmentId, customerId, includeArchived: false })).map(
          (contract) => [contract.id, contract],
        ),
      );
      const commits = await listCommits(tx, { customerId, includeArchived: false });
      for (const configuration of enabled) {
        const contract = contracts.get(configuration.contractId);
        if (contract === undefined || !isRunning(contract, ctx.now)) continue;
        await evaluate(tx, ctx, { configuration, contract, commits });
      }
      return nextChange([...contracts.values()], commits, ctx.now);
    },
    { oneSnapshot: true },
  );
}

interface Evaluation {
  readonly configuration: ThresholdConfiguration;
  readonly contract: ContractRow;
  readonly commits: readonly CommitRecord[];
}

async function evaluate(
  tx: CoreTransaction,
  ctx: OperationContext,
  { configuration, contract, commits }: Evaluation,
): Promise<void> {
  if (await hasOpenWorkflow(tx, contract.id, configuration.type)) return;
  const scope = { ...ctx, db: tx };
  const purchase =
    configuration.rechargeTo === null
      ? await measureSpend(scope, configuration, contract)
      : await measureBalance(scope, configuration, contract, commits);
  if (purchase === null) return;
  await watchLifecycle(tx, ctx, contract.customer_id, () =>
    buyAtThreshold(tx, ctx, configuration, contract, purchase),
  );
}

const isRunning = (
  { starting_at: start, ending_before: end }: ContractRow,
  now: Instant,
): boolean => !isAfter(instant(start), now) && (end === null || isAfter(instant(end), now));

/** When a contract or the access of a commit next begins or ends. */
function nextChange(
  contracts: readonly ContractRow[],
  commits: readonly CommitRecord[],
  now: Instant,
): Instant | undefined {
  const edges = [
    ...contracts.map(({ starting_at }) => starting_at),
    ...commits.flatMap(({ segments }) =>
      segments.flatMap(({ starting_at, ending_before }) => [starting_at, ending_before]),
    ),
  ];
  return edges
    .map(instant)
    .filter((at) => isBefore(now, at))
    .reduce<Instant | undefined>(
      (first, at) => (first === undefined ? at : earlier(first, at)),
      undefined,
    );
}
