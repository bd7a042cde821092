/**
 * What the core asks of a billing provider. Filled by the Stripe folder first; the loop in
 * operations/deliver-invoice.ts knows only this.
 */
export interface Provider {
  readonly name: string;
}

export type ProviderRegistry = Readonly<Record<string, Provider>>;
