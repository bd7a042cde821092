/**
 * A Postgres array of values that need no quoting (numbers, uuids, decimals, instants), as one
 * text: four times cheaper than the driver's own encoding, which escapes each element.
 */
export const arrayLiteral = (values: readonly (string | number | null)[]): string =>
  `{${values.map((value) => value ?? "NULL").join(",")}}`;
