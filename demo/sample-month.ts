import { dec } from "../src/domain/decimal.ts";
import type { DemoEvent, Scenario } from "./scenario.ts";

const MONTH = "2026-01";
const DAYS = 31;

interface Habit {
  readonly customer: string;
  readonly eventsPerDay: number;
  readonly tokensPerEvent: string;
}

const HABITS: readonly Habit[] = [
  { customer: "Acorn Analytics", eventsPerDay: 40, tokensPerEvent: "2500" },
  { customer: "Birch Robotics", eventsPerDay: 60, tokensPerEvent: "5000" },
  { customer: "Cedar Health", eventsPerDay: 10, tokensPerEvent: "1000.25" },
];

const pad = (value: number): string => String(value).padStart(2, "0");

function* eventsOf(
  day: number,
  { customer, eventsPerDay, tokensPerEvent }: Habit,
): Generator<DemoEvent> {
  for (let index = 0; index < eventsPerDay; index += 1) {
    yield {
      transactionId: `demo-${customer}-${day}-${index}`,
      customer,
      timestamp: `${MONTH}-${pad(day)}T${pad(index % 24)}:${pad(index % 60)}:00Z`,
      properties: { tokens: tokensPerEvent },
    };
  }
}

/**
 * January 2026 of three customers. The totals, by hand (requests: 1,000 free, then 0.5 c; tokens:
 * 0.002 c each):
 *
 * - Acorn: 1,240 requests, 240 x 0.5 = 120; 3,100,000 tokens = 6,200; together 6,320 c.
 * - Birch: 1,860 requests, 860 x 0.5 = 430; 9,300,000 tokens = 18,600; less 10,000 prepaid = 9,030 c;
 *   the prepaid commit itself is sold for 8,000 c on an invoice of its own.
 * - Cedar: 310 requests are free; 310,077.5 tokens = 620.155; less 500 credit, plus a fee of 4,900 =
 *   5,020.155 c, which is sent as 50.20 dollars.
 */
export const sampleMonth = (): Scenario => {
  const days = Array.from({ length: DAYS }, (_, index) =>
    HABITS.flatMap((habit) => [...eventsOf(index + 1, habit)]),
  );
  return {
    title: "A month of three customers",
    startAt: "2026-01-01T00:00:00Z",
    endAt: "2026-02-02T01:00:00Z",
    products: [
      {
        name: "Requests",
        property: undefined,
        price: { type: "TIERED", free: 1000, cents: "0.5" },
      },
      { name: "Tokens", property: "tokens", price: { type: "FLAT", cents: "0.002" } },
    ],
    customers: [
      { name: "Acorn Analytics", pays: "charge_automatically" },
      {
        name: "Birch Robotics",
        pays: "charge_automatically",
        prepaid: { accessCents: 10_000, priceCents: 8000 },
      },
      { name: "Cedar Health", pays: "send_invoice", creditCents: 500, feeCents: 4900 },
    ],
    eventCount: days.flat().length,
    days,
    expected: [
      { customer: "Acorn Analytics", type: "USAGE", month: MONTH, totalCents: dec("6320") },
      { customer: "Birch Robotics", type: "SCHEDULED", month: MONTH, totalCents: dec("8000") },
      { customer: "Birch Robotics", type: "USAGE", month: MONTH, totalCents: dec("9030") },
      { customer: "Cedar Health", type: "USAGE", month: MONTH, totalCents: dec("5020.155") },
    ],
    quantities: { Requests: dec("3410"), Tokens: dec("12710077.5") },
  };
};
