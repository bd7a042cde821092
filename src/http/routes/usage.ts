import { type Static, Type } from "typebox";
import { type Interval, instant, instantText, isBefore } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import { listUsagePage, type UsageCursor } from "../../operations/page-usage.ts";
import type { UsageAnswer } from "../../operations/query-usage.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, InstantField, ObjectField, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const UsageBody = ObjectField({
  window_size: EnumField(["HOUR", "DAY", "NONE"]),
  starting_on: InstantField({ onHour: true }),
  ending_before: InstantField({ onHour: true }),
  customer_ids: Type.Optional(Type.Array(IdField(), { maxItems: 1000 })),
  billable_metrics: Type.Optional(
    Type.Array(
      ObjectField({
        id: IdField(),
        group_by: Type.Optional(
          ObjectField({
            key: TextField({ max: 200 }),
            values: Type.Optional(Type.Array(TextField(), { minItems: 1, maxItems: 200 })),
          }),
        ),
      }),
      { maxItems: 200 },
    ),
  ),
});

/** What was metered, from the hourly rollups. */
export function addUsageRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/usage",
    schema: {
      tags: ["usage"],
      summary: "Usage of customers by metric and window of time",
      querystring: ObjectField({ next_page: Type.Optional(TextField({ max: 512 })) }),
      body: UsageBody,
    },
    handler: async (request) => {
      const { body } = request;
      const page = await listUsagePage(operationOf(request), {
        size: body.window_size,
        range: readRange(body),
        customerIds: body.customer_ids,
        metrics: body.billable_metrics?.map(({ id, group_by }) => ({
          id,
          groupBy: group_by && { key: group_by.key, values: group_by.values },
        })),
        after: fromCursorToken(request.query.next_page),
      });
      return { data: page.answers.map(toUsageView), next_page: toCursorToken(page.next) };
    },
  });
}

const DAY_MS = 86_400_000;

function readRange(body: Static<typeof UsageBody>): Interval {
  const range = { start: instant(body.starting_on), end: instant(body.ending_before) };
  if (!isBefore(range.start, range.end)) throw invalid("ending_before must be after starting_on");
  if (body.window_size !== "DAY") return range;
  for (const name of ["starting_on", "ending_before"] as const) {
    if (instant(body[name]).epochMilliseconds % DAY_MS === 0) continue;
    throw invalid(`${name} must be midnight UTC for windows of a day`, name);
  }
  return range;
}

const toUsageView = ({ customerId, metric, window, value, groups }: UsageAnswer) => ({
  customer_id: customerId,
  billable_metric_id: metric.id,
  billable_metric_name: metric.name,
  start_timestamp: instantText(window.start),
  end_timestamp: instantText(window.end),
  value,
  ...(groups === undefined ? {} : { groups }),
});

const toCursorToken = (cursor: UsageCursor | undefined): string | null =>
  cursor === undefined
    ? null
    : Buffer.from(`u:${cursor.customer}:${cursor.metric}`, "latin1").toString("base64url");

function fromCursorToken(token: string | undefined): UsageCursor | undefined {
  if (token === undefined || token === "") return undefined;
  const text = Buffer.from(token, "base64url").toString("latin1");
  const [, customer, metric] = /^u:(\d{1,18}):(\d{1,18})$/.exec(text) ?? [];
  if (customer === undefined || metric === undefined) {
    throw invalid("next_page is not a token of this list", "next_page");
  }
  return { customer: BigInt(customer), metric: BigInt(metric) };
}
