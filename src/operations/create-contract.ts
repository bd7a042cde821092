import type { CoreTransaction } from "../db/database.ts";
import type { Transition } from "../domain/contracts/transition.ts";
import { type BillingDay, usageAnchor } from "../domain/contracts/usage-anchor.ts";
import { USD_CREDIT_TYPE_ID } from "../domain/credit-type.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import type { MultiplierPrioritization } from "../domain/overrides/override.ts";
import type { Frequency } from "../domain/period.ts";
import { type Instant, instantText, isBefore } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import { pinClock } from "../platform/clock/clock.ts";
import { inTransaction } from "../platform/database/database.ts";
import { getContract, insertContract } from "../store/contracts.ts";
import { findRateCardByAlias } from "../store/rate-card-aliases.ts";
import { getRateCard } from "../store/rate-cards.ts";
import { addContractParts, type ContractParts } from "./add-contract-parts.ts";
import { addOverrides, type OverrideTerms } from "./add-overrides.ts";
import { addRecurringParts, type RecurringParts } from "./add-recurring-commits.ts";
import { addSubscriptions, type SubscriptionTerms } from "./add-subscriptions.ts";
import { namedProducts } from "./check-commit-terms.ts";
import { isCurrency } from "./check-credit-type.ts";
import { checkProducts } from "./check-products.ts";
import { checkReach } from "./check-reach.ts";
import { checkSubscriptionRates } from "./check-subscription-rates.ts";
import { type BillingChoice, chooseBillingConfiguration } from "./choose-billing-configuration.ts";
import type { OperationContext } from "./context.ts";
import { followContract, getFollowed } from "./follow-contract.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";
import { noteTemporaryIds } from "./note-temporary-ids.ts";
import { openContract } from "./open-invoices.ts";
import { setCustomFields } from "./set-custom-fields.ts";
import { setThreshold, type ThresholdTerms, thresholdField } from "./set-threshold.ts";
import { watchLifecycle } from "./watch-lifecycle.ts";

export interface UsageScheduleTerms {
  readonly frequency: Frequency;
  readonly day: BillingDay;
  /** For CUSTOM_DATE. */
  readonly billingAnchorAt: Instant | undefined;
  /** Absent: from the contract's start. */
  readonly invoiceGenerationStartingAt: Instant | undefined;
}

export interface CreateContract extends ContractParts, RecurringParts {
  readonly name: string | null;
  readonly startingAt: Instant;
  readonly endingBefore: Instant | null;
  /** At most one of the two; an alias is looked up at the contract's start. */
  readonly rateCardId: string | undefined;
  readonly rateCardAlias: string | undefined;
  readonly usageSchedule: UsageScheduleTerms;
  readonly scheduledChargesOnUsageInvoices: boolean;
  readonly subscriptions: readonly SubscriptionTerms[];
  readonly overrides: readonly OverrideTerms[];
  readonly multiplierPrioritization: MultiplierPrioritization;
  readonly thresholds: readonly ThresholdTerms[];
  readonly billing: BillingChoice | undefined;
  readonly netPaymentTermsDays: number | null;
  readonly uniquenessKey: string | null;
  readonly customFields: CustomFields | undefined;
  /** The contract that it follows; undefined: none. */
  readonly transition?: Transition | undefined;
  /** The package that its terms are from; undefined: they are its own. */
  readonly packageId?: string;
}

/**
 * Adds a contract with all its parts, and opens its invoices; returns its id. From then on the
 * sandbox's clock only goes forwards. A uniqueness key that was used is a conflict.
 */
export async function createContract(
  ctx: OperationContext,
  input: CreateContract,
): Promise<string> {
  checkDates(input);
  return inTransaction(ctx.db, async (tx) => {
    await lockActiveCustomer(tx, ctx, input.customerId);
    return watchLifecycle(tx, ctx, input.customerId, () => addContract(tx, ctx, input));
  });
}

async function addContract(
  tx: CoreTransaction,
  ctx: OperationContext,
  input: CreateContract,
): Promise<string> {
  const inTx = { ...ctx, db: tx };
  await checkContractProducts(inTx, input);
  const rateCard = await findCard(inTx, input);
  const creditTypeId = rateCard?.fiat_credit_type_id ?? currencyOfTerms(input);
  const billing =
    input.billing && (await chooseBillingConfiguration(inTx, input.customerId, input.billing));
  const { startingAt, endingBefore, customerId, transition } = input;
  const followed =
    transition &&
    (await getFollowed(tx, ctx, { customerId, startingAt, creditTypeId }, transition));
  const contractId = await insertContract(tx, {
    environment_id: ctx.environment.id,
    customer_id: input.customerId,
    rate_card_id: rateCard?.id ?? null,
    name: input.name,
    starting_at: instantText(input.startingAt),
    initial_ending_before: input.endingBefore && instantText(input.endingBefore),
    ending_before: input.endingBefore && instantText(input.endingBefore),
    ...toUsageColumns(input),
    fiat_credit_type_id: creditTypeId,
    scheduled_charges_on_usage_invoices: input.scheduledChargesOnUsageInvoices,
    multiplier_override_prioritization: input.multiplierPrioritization,
    net_payment_terms_days: input.netPaymentTermsDays,
    billing_configuration_id: billing?.id ?? null,
    package_id: input.packageId ?? null,
    from_contract_id: followed?.id ?? null,
    transition_type: transition?.type ?? null,
    uniqueness_key: input.uniquenessKey,
    created_at: instantText(ctx.now),
    created_by: ctx.actor,
  });
  await setCustomFields(tx, ctx, "contract", contractId, input.customFields);
  const temporaryIds = await addContractParts(tx, ctx, input, { id: contractId, creditTypeId });
  const rateCardId = rateCard?.id ?? null;
  const subscribed = { id: contractId, startingAt, endingBefore, rateCardId };
  const subscriptionIds = await addSubscriptions(tx, ctx, input.subscriptions, subscribed);
  noteTemporaryIds(input.subscriptions, subscriptionIds, "subscriptions", temporaryIds);
  const keys = { customerId: input.customerId, contractId };
  const row = await getContract(tx, { environmentId: ctx.environment.id, ...keys });
  await addRecurringParts(tx, ctx, input, row, temporaryIds);
  await addOverrides(tx, ctx, input.overrides, {
    id: contractId,
    customerId: input.customerId,
    rateCardId,
    creditTypeId,
    prioritization: input.multiplierPrioritization,
    temporaryIds,
  });
  await checkSubscriptionRates(tx, ctx, keys, subscriptionIds, "subscriptions");
  const place = { contractId, customerId, creditTypeId, rateCardId, had: null };
  for (const terms of input.thresholds) {
    await setThreshold(tx, ctx, terms, place, thresholdField(terms.type));
  }
  await pinClock(tx, ctx.environment.name);
  await openContract(tx, ctx, contractId);
  if (followed !== undefined && transition !== undefined) {
    await followContract(tx, ctx, followed, transition, startingAt);
  }
  return contractId;
}

function checkDates({ startingAt, endingBefore, usageSchedule }: CreateContract): void {
  checkReach(startingAt, "starting_at");
  if (endingBefore !== null) {
    checkReach(endingBefore, "ending_before");
    if (!isBefore(startingAt, endingBefore)) {
      throw invalid("ending_before must be after starting_at", "ending_before");
    }
  }
  const { day, billingAnchorAt: anchor, invoiceGenerationStartingAt: first } = usageSchedule;
  if (first !== undefined) {
    checkReach(first, "usage_statement_schedule.invoice_generation_starting_at");
  }
  const field = "usage_statement_schedule.billing_anchor_date";
  if ((day === "CUSTOM_DATE") !== (anchor !== undefined)) {
    throw invalid(`${field} is for day CUSTOM_DATE, which needs it`, field);
  }
  if (anchor === undefined) return;
  checkReach(anchor, field);
  if (anchor.epochMilliseconds % 86_400_000 !== 0)
    throw invalid(`${field} must be midnight UTC`, field);
}

const checkContractProducts = (ctx: OperationContext, input: CreateContract): Promise<void> =>
  checkProducts(
    ctx,
    [
      ...named(input.commits, "commits"),
      ...named(input.credits, "credits"),
      ...named(input.scheduledCharges, "scheduled_charges"),
      ...named(input.recurringCommits, "recurring_commits"),
      ...named(input.recurringCredits, "recurring_credits"),
    ],
    [
      ...input.commits,
      ...input.credits,
      ...input.recurringCommits,
      ...input.recurringCredits,
    ].flatMap(namedProducts),
  );

const named = (parts: readonly { readonly productId: string }[], field: string) =>
  parts.map(({ productId: id }, n) => ({ id, path: `${field}[${n}].product_id` }));

async function findCard(
  ctx: OperationContext,
  { rateCardId, rateCardAlias, startingAt }: CreateContract,
) {
  if (rateCardId !== undefined && rateCardAlias !== undefined) {
    throw invalid("Give either rate_card_id or rate_card_alias", "rate_card_alias");
  }
  const environmentId = ctx.environment.id;
  const at = instantText(startingAt);
  const id =
    rateCardAlias === undefined
      ? rateCardId
      : await findRateCardByAlias(ctx.db, { environmentId, name: rateCardAlias, at });
  if (id === undefined) {
    if (rateCardAlias !== undefined) throw notFound("rate card", rateCardAlias);
    return undefined;
  }
  const card = await getRateCard(ctx.db, environmentId, id);
  if (card.archived_at !== null) throw invalid("The rate card is archived", "rate_card_id");
  return card;
}

/** Without a rate card, the first currency that a charge or commit is written in. */
function currencyOfTerms({ scheduledCharges, commits, credits, ...more }: CreateContract): string {
  const creditTypes = [
    ...scheduledCharges.map(({ schedule }) => schedule.creditTypeId),
    ...commits.map(({ purchase, creditTypeId }) => purchase?.creditTypeId ?? creditTypeId),
    ...credits.map(({ creditTypeId }) => creditTypeId),
    ...more.recurringCommits.map(({ invoice, access }) => (invoice ?? access).creditTypeId),
    ...more.recurringCredits.map(({ access }) => access.creditTypeId),
  ];
  return creditTypes.find((id) => id === undefined || isCurrency(id)) ?? USD_CREDIT_TYPE_ID;
}

function toUsageColumns({ usageSchedule, startingAt }: CreateContract) {
  const { day, billingAnchorAt } = usageSchedule;
  const anchorAt =
    day === "CUSTOM_DATE" ? (billingAnchorAt ?? startingAt) : usageAnchor(day, startingAt);
  return {
    usage_frequency: usageSchedule.frequency,
    usage_anchor_at: instantText(anchorAt),
    invoice_generation_starting_at: instantText(
      usageSchedule.invoiceGenerationStartingAt ?? startingAt,
    ),
  };
}
