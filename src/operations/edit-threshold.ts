import { invalid } from "../errors.ts";
import {
  listThresholds,
  type ThresholdConfiguration,
  type ThresholdType,
} from "../store/threshold-configurations.ts";
import type { ChangeScope } from "./edit-contract.ts";
import { setThreshold, type ThresholdTerms } from "./set-threshold.ts";

/** What changes of a threshold; what is absent stays. */
export type ThresholdUpdate = Partial<Omit<ThresholdTerms, "type" | "commit">> & {
  readonly commit: Partial<ThresholdTerms["commit"]>;
};

const placeOf = ({ contract }: ChangeScope, known?: ThresholdConfiguration) => ({
  contractId: contract.id,
  customerId: contract.customer_id,
  creditTypeId: contract.fiat_credit_type_id,
  rateCardId: contract.rate_card_id,
  had: known?.customCreditTypeId ?? null,
});

async function findThreshold(
  { tx, contract }: ChangeScope,
  type: ThresholdType,
): Promise<ThresholdConfiguration | undefined> {
  const own = (await listThresholds(tx, [contract.id])).get(contract.id) ?? [];
  return own.find((threshold) => threshold.type === type);
}

/** Adds a threshold; a contract has at most one of a kind. `path` names it in messages. */
export async function addThreshold(
  scope: ChangeScope,
  terms: ThresholdTerms,
  path: string,
): Promise<void> {
  if ((await findThreshold(scope, terms.type)) !== undefined) {
    throw invalid(`${path}: the contract has one already; update it`, path);
  }
  await setThreshold(scope.tx, scope.ctx, terms, placeOf(scope), path);
}

/** Changes a threshold that the contract has; one that is on afterwards is evaluated at once. */
export async function updateThreshold(
  scope: ChangeScope,
  type: ThresholdType,
  update: ThresholdUpdate,
  path: string,
): Promise<void> {
  const known = await findThreshold(scope, type);
  if (known === undefined) throw invalid(`${path}: the contract has none; add it`, path);
  const terms = { ...known, ...update, commit: { ...known.commit, ...update.commit } };
  await setThreshold(scope.tx, scope.ctx, terms, placeOf(scope, known), path);
}
