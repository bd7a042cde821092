import { Type } from "typebox";
import { dec, divide, isZero, toText } from "../../../domain/decimal.ts";
import { invalid } from "../../../errors.ts";
import { changeOrganizationSettings } from "../../../operations/schedule-bill-jobs.ts";
import {
  getOrganizationSettings,
  type OrganizationSettings,
} from "../../../store/organization-settings.ts";
import { ORGANIZATION, organizationOf, orgParams } from "../../organization/organization.ts";
import { readOnlyFields, refuseChanged } from "../../organization/read-only.ts";
import { MAX_DAYS_BEFORE_DUE } from "../../schemas/account-fields.ts";
import { DecimalField, ObjectField } from "../../schemas/fields.ts";
import { NullableField } from "../../schemas/nullable-field.ts";
import type { CoreServer } from "../../server.ts";

const tags = ["settings"];
const url = `${ORGANIZATION}/organizationconfig`;
const READ_ONLY = ["dtLastModified", "lastModifiedBy"] as const;

/** Known to the matched API; here contracts and the core's invoicing settings say most of it. */
const UNSUPPORTED = {
  timezone: "UTC",
  currency: null,
  currencyConversions: [],
  dayEpoch: null,
  weekEpoch: null,
  monthEpoch: null,
  yearEpoch: null,
  externalInvoiceDate: "FIRST_DAY_OF_NEXT_PERIOD",
  autoApproveBillsGracePeriod: null,
  autoApproveBillsGracePeriodUnit: null,
  autoGenerateStatementMode: "NONE",
  defaultStatementDefinitionId: null,
  billPrefix: null,
  sequenceStartNumber: null,
  commitmentFeeBillInAdvance: null,
  minimumSpendBillInAdvance: null,
  standingChargeBillInAdvance: null,
  consolidateBills: false,
  suppressedEmptyBills: false,
  creditApplicationOrder: [],
  customFields: {},
  allowOverlappingPlans: null,
  allowNegativeBalances: null,
};

const MINUTES_PER_HOUR = dec("60");
const QUARTER = 15;

/** The interval is in hours; null: no schedule. */
const toConfigView = (settings: OrganizationSettings) => ({
  scheduledBillInterval:
    settings.scheduledBillIntervalMinutes === null
      ? null
      : divide(dec(String(settings.scheduledBillIntervalMinutes)), MINUTES_PER_HOUR),
  daysBeforeBillDue: settings.daysBeforeBillDue,
  version: settings.version,
  dtLastModified: settings.updatedAt,
  lastModifiedBy: settings.updatedBy,
});

function readInterval(hours: string | null | undefined): number | null {
  if (hours === undefined || hours === null || isZero(dec(hours))) return null;
  const minutes = Number(toText(dec(hours).times(MINUTES_PER_HOUR)));
  if (Number.isInteger(minutes) && minutes % QUARTER === 0) return minutes;
  throw invalid(
    "scheduledBillInterval must be whole quarters of an hour, 0.25 to 24, or 0 for no schedule",
    "scheduledBillInterval",
  );
}

/** What of an organization's configuration concerns bills. */
export function addOrganizationConfigRoutes(http: CoreServer): void {
  const params = ObjectField(orgParams);
  http.route({
    method: "GET",
    url,
    schema: { tags, summary: "Read the organization's configuration of bills", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return toConfigView(await getOrganizationSettings(ctx.db, ctx.environment.id));
    },
  });
  http.route({
    method: "PUT",
    url,
    schema: {
      tags,
      summary: "Replace the organization's configuration of bills",
      params,
      body: ObjectField(
        {
          scheduledBillInterval: Type.Optional(
            NullableField(DecimalField({ minimum: "0", maximum: "24" })),
          ),
          daysBeforeBillDue: Type.Optional(
            NullableField(Type.Integer({ minimum: 0, maximum: MAX_DAYS_BEFORE_DUE })),
          ),
          version: Type.Integer({ minimum: 1 }),
          ...readOnlyFields(READ_ONLY),
        },
        { unsupported: UNSUPPORTED },
      ),
    },
    handler: async (request) => {
      const { body } = request;
      const settings = await changeOrganizationSettings(
        organizationOf(request),
        {
          scheduledBillIntervalMinutes: readInterval(body.scheduledBillInterval),
          daysBeforeBillDue: body.daysBeforeBillDue ?? null,
        },
        {
          version: body.version,
          check: (present) => refuseChanged(toConfigView(present), body, READ_ONLY),
        },
      );
      return toConfigView(settings);
    },
  });
}
