import { Type } from "typebox";
import { setGracePeriod } from "../../operations/set-grace-period.ts";
import { getGracePeriodHours } from "../../store/environment-settings.ts";
import { operationOf } from "../request-context.ts";
import { ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const tags = ["settings"];
const MAX_GRACE_HOURS = 8760;

/** What the other settings are until they can be changed. */
const FIXED = { finalization: "automatic", late_usage: "report" };

const toView = (hours: number) => ({ data: { grace_period_hours: hours, ...FIXED } });

/** How the environment's invoices come about. */
export function addInvoicingSettingRoutes(http: CoreServer): void {
  const url = "/v1/settings/invoicing";
  http.route({
    method: "GET",
    url,
    schema: { tags, summary: "Read the invoicing settings" },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      return toView(await getGracePeriodHours(db, environment.id));
    },
  });
  http.route({
    method: "PATCH",
    url,
    schema: {
      tags,
      summary: "Change the invoicing settings",
      body: ObjectField(
        {
          grace_period_hours: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_GRACE_HOURS })),
        },
        { unsupported: FIXED },
      ),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { grace_period_hours: hours } = request.body;
      if (hours !== undefined) await setGracePeriod(ctx, hours);
      return toView(await getGracePeriodHours(ctx.db, ctx.environment.id));
    },
  });
}
