import { currency as precisionOf } from "../../domain/currency.ts";
import { refused } from "../errors.ts";

/** Lower-case ISO codes that can be billed in (Stripe docs: Supported currencies). */
const CURRENCIES: ReadonlySet<string> = new Set(
  `usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn
  bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf
  gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr
  lrd lsl mad mdl mga mkd mmk mnt mop mro mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab
  pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs
  tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw`.split(/\s+/),
);

/** Smallest amount that can be charged, in minor units (Stripe docs: Minimum and maximum charge amounts). */
const MINIMUM_CHARGE: ReadonlyMap<string, bigint> = new Map([
  ["usd", 50n],
  ["eur", 50n],
  ["gbp", 30n],
  ["aud", 50n],
  ["cad", 50n],
  ["chf", 50n],
  ["nzd", 50n],
  ["sgd", 50n],
  ["brl", 50n],
  ["inr", 50n],
  ["jpy", 50n],
  ["aed", 200n],
  ["bgn", 100n],
  ["czk", 1500n],
  ["dkk", 250n],
  ["hkd", 400n],
  ["huf", 17500n],
  ["mxn", 1000n],
  ["myr", 200n],
  ["nok", 300n],
  ["pln", 200n],
  ["ron", 200n],
  ["sek", 300n],
  ["thb", 1000n],
]);

/** Reads a currency code in any case. Throws 400 on one that cannot be billed in. */
export function toCurrency(text: string, param = "currency"): string {
  const currency = text.toLowerCase();
  if (!CURRENCIES.has(currency)) {
    throw refused("parameter_invalid_enum", `Invalid currency: ${text.slice(0, 40)}`, param);
  }
  return currency;
}

/** Minor units below which nothing is charged; 1 where no minimum is known. */
export const minimumCharge = (currency: string): bigint => MINIMUM_CHARGE.get(currency) ?? 1n;

/** True when the currency has coins or notes for the amount: 1.234 KWD has not, 1.230 KWD has. */
export const isPayable = (amountMinor: bigint, currency: string): boolean =>
  amountMinor % precisionOf(currency).stepMinor === 0n;
