import { type EffectiveAt, effectiveInstant } from "../domain/contracts/effective-at.ts";
import { instantText, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { insertLaterConfiguration } from "../store/contract-billing-schedule.ts";
import { toContract } from "../store/contracts.ts";
import { type BillingChoice, chooseBillingConfiguration } from "./choose-billing-configuration.ts";
import type { ChangeScope } from "./edit-contract.ts";
import { namingPart } from "./naming-part.ts";

/**
 * Sends the contract's invoices another way from the period that runs, or the next one, on. It is not
 * retroactive: what is finalized already went where it went.
 */
export async function scheduleBillingConfiguration(
  { tx, ctx, contract: row }: ChangeScope,
  choice: BillingChoice,
  wanted: EffectiveAt,
): Promise<void> {
  const place = "add_billing_provider_configuration_update";
  const configuration = await namingPart(place, () =>
    chooseBillingConfiguration(ctx, row.customer_id, choice),
  );
  const contract = toContract(row, [], [], []);
  const effectiveAt = effectiveInstant(wanted, contract, ctx.now);
  const { endingBefore } = contract;
  if (
    endingBefore !== null &&
    !(isBefore(effectiveAt, endingBefore) && isBefore(ctx.now, endingBefore))
  ) {
    const field = `${place}.schedule.effective_at`;
    throw invalid(`${field} must be before the contract's end`, field);
  }
  await insertLaterConfiguration(tx, {
    contractId: row.id,
    configurationId: configuration.id,
    effectiveAt: instantText(effectiveAt),
    createdAt: instantText(ctx.now),
    createdBy: ctx.actor,
  });
}
