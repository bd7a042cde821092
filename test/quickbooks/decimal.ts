/** An exact decimal: `units` divided by ten to the power of `scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

export const ZERO: Decimal = { units: 0n, scale: 0 };

/** Reads what JSON writes; a number of at most 15 digits prints as the decimal that was written. */
export function dec(value: number | string): Decimal {
  const [, sign, whole = "", part = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(String(value)) ?? [];
  if (sign === undefined) throw new Error(`${value} is no decimal`);
  const units = BigInt(`${sign}${whole}${part}`);
  const scale = part.length - Number(power);
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale };
}

const unitsAt = ({ units, scale }: Decimal, wanted: number): bigint =>
  units * 10n ** BigInt(wanted - scale);

export function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale };
}

export const negated = ({ units, scale }: Decimal): Decimal => ({ units: -units, scale });
export const minus = (a: Decimal, b: Decimal): Decimal => plus(a, negated(b));
export const times = (a: Decimal, b: Decimal): Decimal => ({
  units: a.units * b.units,
  scale: a.scale + b.scale,
});
export const sum = (all: readonly Decimal[]): Decimal => all.reduce(plus, ZERO);

/** Below zero, zero or above, as `a` is less than, equal to or greater than `b`. */
export const compare = (a: Decimal, b: Decimal): number => {
  const { units } = minus(a, b);
  return units < 0n ? -1 : units > 0n ? 1 : 0;
};

/** The quotient to so many places, halves away from zero. */
export function divided(a: Decimal, b: Decimal, places: number): Decimal {
  const scale = Math.max(a.scale, b.scale);
  const above = unitsAt(a, scale) * 10n ** BigInt(places) * 2n;
  const below = unitsAt(b, scale);
  const half = above < 0n === below < 0n ? below : -below;
  return { units: (above + half) / (below * 2n), scale: places };
}

/** To so many places, halves away from zero. */
export const rounded = (a: Decimal, places: number): Decimal =>
  a.scale <= places ? a : divided(a, dec(1), places);

export function toText({ units, scale }: Decimal): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const part = digits.slice(digits.length - scale).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}`;
}

export const toNumber = (a: Decimal): number => Number(toText(a));

/** How many places it has, trailing zeros aside. */
export const placesOf = (value: number): number => (toText(dec(value)).split(".")[1] ?? "").length;
