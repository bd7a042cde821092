import type { OperationContext } from "../../operations/context.ts";
import { getConventions, toColumns } from "../../store/conventions.ts";
import { getGracePeriodHours } from "../../store/environment-settings.ts";
import { getInvoicingPolicies } from "../../store/invoicing-policies.ts";
import { findSeller } from "../../store/seller.ts";
import { toSellerView } from "../schemas/seller-fields.ts";

/** The environment's invoicing settings as the API shows them. */
export async function loadInvoicingSettings({ db, environment }: OperationContext) {
  const { finalization, lateUsage } = await getInvoicingPolicies(db, environment.id);
  return {
    grace_period_hours: await getGracePeriodHours(db, environment.id),
    finalization,
    late_usage: lateUsage,
    ...toColumns(await getConventions(db, environment.id)),
    seller: toSellerView(await findSeller(db, environment.id)),
  };
}
