import { type Static, Type } from "typebox";
import type { SeatFilter } from "../../domain/subscriptions/seat-history.ts";
import { instant, instantText } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import { readSeatHistory } from "../../operations/read-seat-history.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { IdField, InstantField, ObjectField, TextField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";

const MAX_ENTRIES = 10;

const HistoryBody = ObjectField({
  customer_id: IdField(),
  contract_id: IdField(),
  subscription_id: IdField(),
  limit: Type.Optional(NullableField(Type.Integer({ minimum: 1, maximum: MAX_ENTRIES }))),
  cursor: Type.Optional(NullableField(TextField({ max: 512 }))),
  covering_date: Type.Optional(NullableField(InstantField())),
  starting_at: Type.Optional(NullableField(InstantField())),
  ending_before: Type.Optional(NullableField(InstantField())),
});

function fromFilter(body: Static<typeof HistoryBody>): SeatFilter {
  const { covering_date: covering, starting_at: from, ending_before: to } = body;
  if (covering == null) {
    return {
      ...(from == null ? {} : { from: instant(from) }),
      ...(to == null ? {} : { to: instant(to) }),
    };
  }
  if (from == null && to == null) return { coveringAt: instant(covering) };
  throw invalid("covering_date is not for starting_at or ending_before", "covering_date");
}

/** Who has a seat of a subscription, and since when. */
export function addSubscriptionSeatRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/contracts/getSubscriptionSeatsHistory",
    config: { codes: true },
    schema: {
      tags: ["contracts"],
      summary: "List the seats of a subscription over time",
      body: HistoryBody,
    },
    handler: async (request) => {
      const { body } = request;
      const key = {
        customerId: body.customer_id,
        contractId: body.contract_id,
        subscriptionId: body.subscription_id,
      };
      const entries = await readSeatHistory(operationOf(request), key, fromFilter(body));
      const after = fromPageToken(body.cursor, "cursor");
      // An entry's start is its place: what is added meanwhile moves no other one.
      const following = entries
        .map((entry) => ({ ...entry, position: BigInt(entry.startingAt.epochMilliseconds) }))
        .filter(({ position }) => after === undefined || position > after);
      const page = toPage(following, body.limit ?? MAX_ENTRIES);
      return {
        data: page.rows.map(({ startingAt, endingBefore, quantity, seatIds }) => ({
          starting_at: instantText(startingAt),
          ending_before: endingBefore && instantText(endingBefore),
          total_quantity: quantity,
          assigned_seat_ids: seatIds,
        })),
        next_page: toPageToken(page.next),
      };
    },
  });
}
