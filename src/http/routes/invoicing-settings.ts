import { Type } from "typebox";
import { CONVENTION_VALUES } from "../../domain/conventions.ts";
import { FINALIZATION_POLICIES, LATE_USAGE_POLICIES } from "../../domain/invoices/policies.ts";
import { changeInvoicingSettings } from "../../operations/change-invoicing-settings.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, ObjectField } from "../schemas/fields.ts";
import { SellerField, toSellerChanges } from "../schemas/seller-fields.ts";
import type { CoreServer } from "../server.ts";
import { loadInvoicingSettings } from "../views/load-invoicing-settings.ts";

const tags = ["settings"];
const MAX_GRACE_HOURS = 8760;

/** docs/invoices.md says what each value does. */
const policyFields = {
  finalization: Type.Optional(EnumField(FINALIZATION_POLICIES)),
  late_usage: Type.Optional(EnumField(LATE_USAGE_POLICIES)),
};

/** docs/conventions.md says what each value does. */
const conventionFields = {
  period_end: Type.Optional(EnumField(CONVENTION_VALUES.periodEnd)),
  proration_basis: Type.Optional(EnumField(CONVENTION_VALUES.prorationBasis)),
  zero_usage_tier_fee: Type.Optional(EnumField(CONVENTION_VALUES.zeroUsageTierFee)),
  tier_bound: Type.Optional(EnumField(CONVENTION_VALUES.tierBound)),
  rounding_mode: Type.Optional(EnumField(CONVENTION_VALUES.roundingMode)),
  invoice_rounding: Type.Optional(EnumField(CONVENTION_VALUES.invoiceRounding)),
};

/** How the environment's invoices come about. */
export function addInvoicingSettingRoutes(http: CoreServer): void {
  const url = "/v1/settings/invoicing";
  http.route({
    method: "GET",
    url,
    schema: { tags, summary: "Read the invoicing settings" },
    handler: async (request) => ({ data: await loadInvoicingSettings(operationOf(request)) }),
  });
  http.route({
    method: "PATCH",
    url,
    schema: {
      tags,
      summary: "Change the invoicing settings",
      body: ObjectField({
        grace_period_hours: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_GRACE_HOURS })),
        ...policyFields,
        ...conventionFields,
        seller: SellerField,
      }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const {
        grace_period_hours: gracePeriodHours,
        finalization,
        late_usage: lateUsage,
        seller: given,
        ...conventions
      } = request.body;
      const policies = { finalization, lateUsage };
      const seller = toSellerChanges(given);
      await changeInvoicingSettings(ctx, { gracePeriodHours, policies, conventions, seller });
      return { data: await loadInvoicingSettings(ctx) };
    },
  });
}
