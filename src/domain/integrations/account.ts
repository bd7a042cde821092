/** An account as rules see it: a customer, with what the integrations API knows of it. */
export interface RuledAccount {
  readonly id: string;
  readonly name: string;
  readonly code: string | null;
  /** By m3ter's names: addressLine1, locality, country, ... */
  readonly address: Readonly<Record<string, string>>;
  readonly currency: string | null;
  readonly customFields: Readonly<Record<string, string>>;
  /** False: no integration sends its bills. */
  readonly sendsBills: boolean;
}

/** The fields of an account's address. */
export const ADDRESS_FIELDS = [
  "addressLine1",
  "addressLine2",
  "addressLine3",
  "addressLine4",
  "locality",
  "region",
  "postCode",
  "country",
] as const;
