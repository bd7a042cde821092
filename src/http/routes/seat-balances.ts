import { type Static, Type } from "typebox";
import { LEDGER_PREFIX } from "../../domain/commits/ledger.ts";
import { isZero } from "../../domain/decimal.ts";
import {
  type GrantBalance,
  type SeatBalance,
  seatPage,
} from "../../domain/subscriptions/seat-balances.ts";
import { instant, instantText } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import { readSeatBalances } from "../../operations/read-seat-balances.ts";
import { operationOf } from "../request-context.ts";
import { IdField, InstantField, ObjectField, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const BalancesBody = ObjectField({
  customer_id: IdField(),
  contract_id: IdField(),
  subscription_ids: Type.Optional(Type.Array(IdField(), { maxItems: 1000 })),
  seat_ids: Type.Optional(Type.Array(TextField({ max: 200 }), { maxItems: 1000 })),
  include_credits_and_commits: Type.Optional(Type.Boolean()),
  include_ledgers: Type.Optional(Type.Boolean()),
  covering_date: Type.Optional(InstantField()),
  starting_at: Type.Optional(InstantField()),
  effective_before: Type.Optional(InstantField()),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  cursor: Type.Optional(TextField({ max: 1024 })),
});

type Body = Static<typeof BalancesBody>;

function fromWindow({ covering_date: covering, starting_at: from, effective_before: to }: Body) {
  if (covering === undefined) {
    return {
      from: from === undefined ? undefined : instant(from),
      to: to === undefined ? undefined : instant(to),
    };
  }
  if (from === undefined && to === undefined) {
    return { from: instant(covering), to: instant(covering) };
  }
  throw invalid("covering_date is not for starting_at or effective_before", "covering_date");
}

/** A cursor is the id of the last seat that was shown. */
const toCursor = (seatId: string): string =>
  Buffer.from(`s:${seatId}`, "utf8").toString("base64url");

function fromCursor(cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (!text.startsWith("s:")) throw invalid("cursor is not a token of this list", "cursor");
  return text.slice(2);
}

/** What each seat has left of the commits and credits that are granted to it alone. */
export function addSeatBalanceRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/contracts/seatBalances/list",
    schema: {
      tags: ["contracts"],
      summary: "List what each seat of a contract has left",
      body: BalancesBody,
    },
    handler: async (request) => {
      const { body } = request;
      const {
        include_credits_and_commits: withGrants = false,
        include_ledgers: withLedgers = false,
      } = body;
      const after = body.cursor === undefined ? undefined : fromCursor(body.cursor);
      const all = await readSeatBalances(operationOf(request), {
        customerId: body.customer_id,
        contractId: body.contract_id,
        subscriptionIds: body.subscription_ids,
        seatIds: body.seat_ids,
        ...fromWindow(body),
      });
      const following = all.filter(({ seatId }) => after === undefined || seatId > after);
      const page = seatPage(following, { limit: body.limit ?? 25, withGrants });
      const left = following.length - page.length;
      const last = page.at(-1);
      return {
        data: page.map((seat) => toSeatView(seat, withGrants, withLedgers)),
        pagination: {
          seats_included: page.length,
          seats_available_for_next_page: left,
          next_page: left > 0 && last !== undefined ? toCursor(last.seatId) : null,
        },
      };
    },
  });
}

const toSeatView = (
  { seatId, byCreditType, grants }: SeatBalance,
  withGrants: boolean,
  withLedgers: boolean,
) => ({
  seat_id: seatId,
  balances: byCreditType.map(({ creditTypeId, balance, startingBalance }) => ({
    credit_type_id: creditTypeId,
    balance,
    starting_balance: startingBalance,
  })),
  ...(withGrants
    ? {
        commits: grants
          .filter(({ type }) => type !== "CREDIT")
          .map((grant) => toGrantView(grant, withLedgers)),
        credits: grants
          .filter(({ type }) => type === "CREDIT")
          .map((grant) => toGrantView(grant, withLedgers)),
      }
    : {}),
});

const toGrantView = (grant: GrantBalance, withLedger: boolean) => ({
  id: grant.commitId,
  balance: grant.balance,
  start_date: instantText(grant.startingAt),
  end_date: instantText(grant.endingBefore),
  ...(withLedger ? { ledger_entries: toLedgerView(grant) } : {}),
});

/** A seat that came later was granted nothing when the commit began. */
const toLedgerView = ({ type: commitType, ledger }: GrantBalance) =>
  ledger
    .filter(
      ({ type, amount }) =>
        type !== `${LEDGER_PREFIX[commitType]}_SEGMENT_START` || !isZero(amount),
    )
    .map(({ type, amount, at }) => ({ type, amount, timestamp: instantText(at) }));
