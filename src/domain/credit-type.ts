import { type Currency, currency } from "./currency.ts";

/**
 * The unit amounts are written in on the wire. USD is written in cents, every other currency in
 * whole units (Metronome docs: "Pricing units").
 */
export interface CreditType {
  readonly id: string;
  /** "USD (cents)", else the currency code. */
  readonly name: string;
  readonly currency: Currency;
  /** Digits between the wire unit and the minor unit: 0 for USD, 2 for EUR, 0 for JPY. */
  readonly wireExponent: number;
}

export const USD_CREDIT_TYPE_ID = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";

/** Fixed for ever: clients store these ids. */
const FIAT_IDS = {
  EUR: "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c",
  GBP: "8ba1a57b-263b-5a5f-8cab-d1d7b406dac8",
  CAD: "3d8bc8e6-7452-5dbb-a011-5fe104a2cebe",
  AUD: "c0195822-b043-5378-839a-719b19371e85",
  NZD: "f486dc10-11f1-568a-b205-d92831e74acb",
  INR: "7d92f24f-a179-54f1-a7d0-bdddc6ca9e16",
  JPY: "0d957803-4661-595a-9b00-3792cb62f944",
  CHF: "85cae12a-47ce-5372-b40c-3efad2c5c5c1",
  SEK: "99578ced-1354-53bb-a0e4-a70d5f534479",
  NOK: "de0e2329-7c44-5369-90b3-00f8ec6059ba",
  DKK: "279d7460-713e-5837-aa5c-020fca58b9e4",
  SGD: "94dccae3-2991-5486-a1e2-9da902dbd58e",
  HKD: "0df73898-0bd0-53ba-a1e4-24eaa609168d",
  BRL: "fb398b4d-5285-5290-9394-fab0e7e172a0",
  MXN: "6a7262f7-d059-5507-ad75-c95731144215",
  ZAR: "524da4fe-f8d9-5ed7-aa4c-dcb0eed58781",
} as const;

const USD: CreditType = {
  id: USD_CREDIT_TYPE_ID,
  name: "USD (cents)",
  currency: currency("USD"),
  wireExponent: 0,
};

const toCreditType = ([code, id]: readonly [string, string]): CreditType => {
  const money = currency(code);
  return { id, name: code, currency: money, wireExponent: money.exponent };
};

/** Every fiat credit type, USD first. */
export const CREDIT_TYPES: readonly CreditType[] = [
  USD,
  ...Object.entries(FIAT_IDS).map(toCreditType),
];

const BY_ID: ReadonlyMap<string, CreditType> = new Map(CREDIT_TYPES.map((type) => [type.id, type]));

/** The fiat credit type with this id, or undefined. */
export const findCreditType = (id: string): CreditType | undefined => BY_ID.get(id);

/** As findCreditType. Throws RangeError for an id that is no fiat credit type. */
export function getCreditType(id: string): CreditType {
  const found = BY_ID.get(id);
  if (found === undefined) throw new RangeError(`No credit type ${id}`);
  return found;
}

/** The fiat credit type of an upper-case currency code, or undefined. */
export const findCreditTypeOfCurrency = (code: string): CreditType | undefined =>
  CREDIT_TYPES.find(({ currency: { code: own } }) => own === code);
