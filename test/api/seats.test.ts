import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  listInvoices,
  type NewContract,
  showLine,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Subscriptions whose quantity is who has a seat, through the official client. */
type NewSubscription = NonNullable<NewContract["subscriptions"]>[number];
type Edit = Parameters<TestServer["metronome"]["v2"]["contracts"]["edit"]>[0];
type Update = Omit<NonNullable<Edit["update_subscriptions"]>[number], "subscription_id">;
interface Keys {
  readonly customer_id: string;
  readonly contract_id: string;
}

const START = "2024-04-01T00:00:00Z";

let server: TestServer;
let seats: string;
let card: string;

/** A seat is $30 a month. */
beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(START);
  const { contracts } = server.metronome.v1;
  seats = (await contracts.products.create({ name: "Seat", type: "SUBSCRIPTION" })).data.id;
  card = (await contracts.rateCards.create({ name: "List prices" })).data.id;
  await contracts.rateCards.rates.add({
    rate_card_id: card,
    product_id: seats,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 3000,
    billing_frequency: "MONTHLY",
  });
});

afterAll(() => server.close());

const seated = (terms: Partial<NewSubscription> = {}): NewSubscription => ({
  subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
  collection_schedule: "ARREARS",
  proration: { is_prorated: true },
  quantity_management_mode: "SEAT_BASED",
  seat_config: {
    seat_group_key: "user_id",
    initial_seat_ids: ["ann", "bob"],
    initial_unassigned_seats: 1,
  },
  ...terms,
});
const counted = (terms: Partial<NewSubscription> = {}): NewSubscription => {
  const { quantity_management_mode: _, seat_config: _seats, ...rest } = seated(terms);
  return { ...rest, initial_quantity: 2 };
};

async function subscribe(subscription: NewSubscription): Promise<Keys> {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: START,
    subscriptions: [subscription],
  });
  return { customer_id, contract_id };
}

async function subscriptionOf(keys: Keys) {
  const { data } = await server.metronome.v2.contracts.retrieve(keys);
  const [subscription] = data.subscriptions ?? [];
  if (subscription?.id === undefined) throw new Error("The contract has no subscription");
  return { ...subscription, id: subscription.id };
}

const update = async (keys: Keys, ...updates: Update[]) => {
  const subscription_id = (await subscriptionOf(keys)).id;
  return server.metronome.v2.contracts.edit({
    ...keys,
    update_subscriptions: updates.map((change) => ({ subscription_id, ...change })),
  });
};

const seatsOver = async (keys: Keys, filter: Record<string, unknown> = {}) =>
  server.metronome.v1.contracts.getSubscriptionSeatsHistory({
    ...keys,
    subscription_id: (await subscriptionOf(keys)).id,
    ...filter,
  });

/** "04-10: 3 [ann bob]" */
const history = async (keys: Keys, filter: Record<string, unknown> = {}): Promise<string[]> =>
  (await seatsOver(keys, filter)).data.map(
    ({ starting_at, total_quantity, assigned_seat_ids: ids }) =>
      `${starting_at.slice(5, 10)}: ${total_quantity} [${ids.join(" ")}]`,
  );

const billed = async ({ customer_id }: Keys): Promise<string[]> =>
  (await listInvoices(server.metronome, customer_id)).flatMap((invoice) =>
    invoice.line_items.map((line) => `${invoice.type} ${invoice.status}: ${showLine(line)}`),
  );

describe("seats", () => {
  test("a contract shows how they are told and how many there are", async () => {
    const keys = await subscribe(seated());
    expect(await subscriptionOf(keys)).toMatchObject({
      quantity_management_mode: "SEAT_BASED",
      seat_config: { seat_group_key: "user_id" },
      quantity_schedule: [{ quantity: 3, starting_at: START }],
    });
    expect(await history(keys)).toEqual(["04-01: 3 [ann bob]"]);
    const { data } = await server.metronome.v1.contracts.retrieve(keys);
    expect(data.subscriptions).toMatchObject([{ quantity_management_mode: "SEAT_BASED" }]);
  });

  test("new ids fill the seats that nobody has, then add to them; who leaves counts next month", async () => {
    const keys = await subscribe(seated());
    const on = "2024-04-16T00:00:00Z";
    await update(keys, {
      seat_updates: {
        add_seat_ids: [{ seat_ids: ["cat", "dan", "eve"], starting_at: on }],
        add_unassigned_seats: [{ quantity: 1, starting_at: "2024-04-26T00:00:00Z" }],
        remove_seat_ids: [{ seat_ids: ["ann", "bob"], starting_at: "2024-04-28T00:00:00Z" }],
        remove_unassigned_seats: [{ quantity: 9, starting_at: "2024-04-29T00:00:00Z" }],
      },
    });
    expect(await history(keys)).toEqual([
      "04-01: 3 [ann bob]",
      "04-16: 5 [ann bob cat dan eve]",
      "04-26: 6 [ann bob cat dan eve]",
      "04-28: 4 [cat dan eve]",
      "04-29: 3 [cat dan eve]",
    ]);
    // Two more for 15 of 30 days, one more for 5 of 30.
    expect(await billed(keys)).toEqual([
      "USAGE DRAFT: Seat: 3 x 3000 = 9000",
      "USAGE DRAFT: Seat: 2 x 1500 = 3000",
      "USAGE DRAFT: Seat: 1 x 500 = 500",
    ]);
    const { data: edits } = await server.metronome.v2.contracts.getEditHistory(keys);
    expect(edits[0]?.update_subscriptions?.[0]?.seat_updates?.add_unassigned_seats).toEqual([
      { quantity: 1, starting_at: "2024-04-26T00:00:00Z" },
    ]);
  });

  test("a leaving seat that is planned does not stand in the way of a new one before", async () => {
    const keys = await subscribe(seated());
    const change = (field: "add_seat_ids" | "remove_seat_ids", id: string, starting_at: string) =>
      update(keys, { seat_updates: { [field]: [{ seat_ids: [id], starting_at }] } });
    await change("remove_seat_ids", "ann", "2024-05-01T00:00:00Z");
    await change("add_seat_ids", "cat", "2024-04-10T00:00:00Z");
    expect(await history(keys)).toEqual([
      "04-01: 3 [ann bob]",
      "04-10: 3 [ann bob cat]",
      "05-01: 2 [bob cat]",
    ]);
  });

  test("the history comes in pages, for a day or for a time", async () => {
    const keys = await subscribe(seated());
    await update(keys, {
      seat_updates: {
        add_unassigned_seats: Array.from({ length: 11 }, (_, n) => ({
          quantity: 1,
          starting_at: `2024-04-${n + 10}T00:00:00Z`,
        })),
      },
    });
    const first = await seatsOver(keys);
    expect(first.data).toHaveLength(10);
    const second = await seatsOver(keys, { cursor: first.next_page });
    expect(second.data).toMatchObject([
      { starting_at: "2024-04-19T00:00:00Z", total_quantity: 13 },
      { starting_at: "2024-04-20T00:00:00Z", ending_before: null, total_quantity: 14 },
    ]);
    expect(second.next_page).toBeNull();
    const three = await seatsOver(keys, { limit: 3 });
    expect(three.data).toHaveLength(3);
    expect(await history(keys, { covering_date: "2024-04-11T12:00:00Z" })).toEqual([
      "04-11: 5 [ann bob]",
    ]);
    const window = { starting_at: "2024-04-11T00:00:00Z", ending_before: "2024-04-12T00:00:00Z" };
    expect(await history(keys, window)).toEqual(["04-11: 5 [ann bob]", "04-12: 6 [ann bob]"]);
  });

  test.each([
    [{ covering_date: START, starting_at: START }, "covering_date is not for starting_at"],
    [{ limit: 11 }, "limit"],
    [{ cursor: "nonsense" }, "cursor is not a token"],
  ])("a history for %j is refused", async (filter, why) => {
    const keys = await subscribe(seated());
    await expect(seatsOver(keys, filter)).rejects.toThrow(why);
  });

  test("a mere quantity has no seats until they are named", async () => {
    const keys = await subscribe(counted());
    await expect(seatsOver(keys)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining("is not of a SEAT_BASED subscription"),
    });
    const seat_updates = { add_seat_ids: [{ seat_ids: ["ann"], starting_at: START }] };
    await expect(update(keys, { seat_updates })).rejects.toThrow(
      "update_subscriptions[0].seat_updates are for SEAT_BASED subscriptions",
    );
    const quantity_management_mode_update = {
      quantity_management_mode: "SEAT_BASED",
      seat_config: { seat_group_key: "user_id" },
    } as const;
    await update(keys, { quantity_management_mode_update, seat_updates });
    expect(await history(keys)).toEqual(["04-01: 2 [ann]"]);
    await expect(update(keys, { quantity_management_mode_update })).rejects.toThrow(
      "is for QUANTITY_ONLY subscriptions",
    );
  });

  test.each([
    [
      { quantity_updates: [{ starting_at: START, quantity: 5 }] },
      "quantity_updates are not for a SEAT_BASED subscription",
    ],
    [{}, "update_subscriptions[0] changes nothing"],
    [{ seat_updates: {} }, "update_subscriptions[0].seat_updates changes nothing"],
    [
      { seat_updates: { add_unassigned_seats: [{ quantity: 998, starting_at: START }] } },
      "add_unassigned_seats[0] lead to 1001 seats",
    ],
    [
      { seat_updates: { add_unassigned_seats: [{ quantity: 0, starting_at: START }] } },
      "add_unassigned_seats[0].quantity",
    ],
    [
      {
        seat_updates: {
          add_seat_ids: [{ seat_ids: ["cat"], starting_at: START }],
          remove_seat_ids: [{ seat_ids: ["ann"], starting_at: "2024-03-31T00:00:00Z" }],
        },
      },
      "seat_updates.remove_seat_ids[0].starting_at must not be before 2024-04-01T00:00:00Z",
    ],
  ] satisfies [Update, string][])(
    "%j is refused, and nothing of it is left",
    async (change, why) => {
      const keys = await subscribe(seated());
      await expect(update(keys, change)).rejects.toThrow(why);
      expect(await history(keys)).toEqual(["04-01: 3 [ann bob]"]);
    },
  );
});

describe("terms that cannot be", () => {
  const config = { seat_group_key: "user_id", initial_seat_ids: ["ann"] };
  test.each([
    [seatless, "subscriptions[0].seat_config is required"],
    [
      () => seated({ initial_quantity: 1 }),
      "subscriptions[0].initial_quantity is not for quantity_management_mode SEAT_BASED",
    ],
    [
      () => ({ ...counted(), seat_config: config }),
      "subscriptions[0].seat_config is not for quantity_management_mode QUANTITY_ONLY",
    ],
    [
      () => seated({ seat_config: { ...config, initial_seat_ids: ["ann", "ann"] } }),
      "initial_seat_ids names a seat twice",
    ],
    [
      () => seated({ seat_config: { ...config, initial_unassigned_seats: 1000 } }),
      "subscriptions[0].seat_config has 1001 seats",
    ],
  ] as const)("%#: %s", async (subscription, why) => {
    await expect(subscribe(subscription())).rejects.toThrow(why);
  });

  function seatless(): NewSubscription {
    const { seat_config: _, ...rest } = seated();
    return rest;
  }
});

describe("terms of a subscription that an edit changes", () => {
  test("its end moves, and the draft follows", async () => {
    const keys = await subscribe(counted());
    await update(keys, { ending_before: "2024-04-11T00:00:00Z" });
    expect(await billed(keys)).toEqual(["USAGE DRAFT: Seat: 2 x 1000 = 2000"]);
    await update(keys, { ending_before: null });
    expect(await billed(keys)).toEqual(["USAGE DRAFT: Seat: 2 x 3000 = 6000"]);
    await expect(update(keys, { ending_before: START })).rejects.toThrow(
      "update_subscriptions[0].ending_before must be after the subscription's start",
    );
  });

  test("its rounding, and back to exact prices", async () => {
    const keys = await subscribe(counted({ starting_at: "2024-04-23T00:00:00Z" }));
    const proration_rounding = { rounding_method: "CEILING", decimal_places: -3 } as const;
    await update(keys, { proration_rounding });
    expect(await billed(keys)).toEqual(["USAGE DRAFT: Seat: 2 x 1000 = 2000"]);
    expect((await subscriptionOf(keys)).proration).toMatchObject({ rounding: proration_rounding });
    await update(keys, { proration_rounding: null });
    expect(await billed(keys)).toEqual(["USAGE DRAFT: Seat: 2 x 800 = 1600"]);
  });
});

describe("in May", () => {
  let keys: Keys;
  let ended: Keys;
  let over: Keys;
  beforeAll(async () => {
    keys = await subscribe(
      seated({
        collection_schedule: "ADVANCE",
        proration: { is_prorated: true, invoice_behavior: "BILL_IMMEDIATELY" },
      }),
    );
    ended = await subscribe(counted({ ending_before: "2024-04-11T00:00:00Z" }));
    over = await subscribe(counted({ ending_before: "2024-05-01T00:00:00Z" }));
    await server.setClock("2024-04-21T00:00:00Z");
    await update(keys, {
      seat_updates: {
        add_seat_ids: [{ seat_ids: ["cat", "dan"], starting_at: "2024-04-21T00:00:00Z" }],
        remove_seat_ids: [{ seat_ids: ["bob"], starting_at: "2024-05-10T00:00:00Z" }],
      },
    });
    await server.setClock("2024-06-03T00:00:00Z");
  });

  test("an increase is billed on its date, a decrease with the month after it", async () => {
    // One more seat (cat fills the one that nobody has) for 10 of 30 days.
    expect(await billed(keys)).toEqual([
      "SCHEDULED FINALIZED: Seat: 3 x 3000 = 9000",
      "SCHEDULED FINALIZED: Seat: 1 x 1000 = 1000",
      "USAGE FINALIZED: Seat: 4 x 3000 = 12000",
      "USAGE FINALIZED: Seat: 3 x 3000 = 9000",
      "USAGE DRAFT: Seat: 3 x 3000 = 9000",
    ]);
    const { data } = await server.metronome.v1.contracts.retrieveSubscriptionQuantityHistory({
      ...keys,
      subscription_id: (await subscriptionOf(keys)).id,
    });
    expect(
      data.history?.map(({ starting_at, data: [entry] }) => [starting_at, entry?.quantity]),
    ).toEqual([
      ["2024-04-01T00:00:00Z", 3],
      ["2024-04-21T00:00:00Z", 4],
      ["2024-05-10T00:00:00Z", 3],
    ]);
  });

  test("seats of an invoiced time stay as they are", async () => {
    const late = { seat_ids: ["eve"], starting_at: "2024-05-01T00:00:00Z" };
    await expect(update(keys, { seat_updates: { add_seat_ids: [late] } })).rejects.toThrow(
      "add_seat_ids[0].starting_at must be after 2024-06-01T00:00:00Z: what comes before is invoiced",
    );
  });

  test("a part of a period that is invoiced is not prolonged", async () => {
    await expect(update(ended, { ending_before: "2024-07-01T00:00:00Z" })).rejects.toThrow(
      "must not be after 2024-04-11T00:00:00Z: the period that ends there is invoiced",
    );
  });

  test("nor a subscription whose end left whole months on closed usage invoices", async () => {
    await expect(update(over, { ending_before: null })).rejects.toThrow(
      "must not be after 2024-05-01T00:00:00Z: usage up to 2024-06-01T00:00:00Z is invoiced",
    );
  });
});
