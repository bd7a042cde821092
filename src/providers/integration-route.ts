import type { ProviderRequest } from "./delivery-step.ts";
import type { ProviderConnection, RouteOptions } from "./provider-connection.ts";

/** Who pays at a provider. */
export interface Payer {
  /** The provider's id of the customer. */
  readonly customer: string;
  /** The provider's id of the subscription that bills it, where one is mapped. */
  readonly subscription: string | undefined;
}

/** Where an external mapping of an entity stands. */
export interface MappingTarget {
  readonly system: string;
  readonly table: string;
}

/** How a rule of the integrations API becomes a route; absent: the provider is no destination of rules. */
export interface IntegrationRoute {
  /** Of an account: its customer at the provider. */
  readonly mapping: MappingTarget;
  /** Of a contract: its subscription at the provider, where the provider has such a thing. */
  readonly contractMapping?: MappingTarget;
  /** A rule's destination options in the words of the provider's routes. Pure. */
  toRouteOptions(destination: Readonly<Record<string, unknown>>, payer: Payer): RouteOptions;
  /** Whether drafts can follow their calculations there, with these destination options. Pure. */
  sendsDrafts(destination: Readonly<Record<string, unknown>>): boolean;
  /** The write that takes a draft away there that is not final; undefined: it has no drafts. Pure. */
  withdraw(externalId: string): ProviderRequest | undefined;
  /**
   * The customer that carries our account's id at the provider, or undefined. Throws
   * ProviderReadError, also when several carry it.
   */
  findPayer(connection: ProviderConnection, accountId: string): Promise<string | undefined>;
  /** Where people see the document at the provider. Pure. */
  documentUrl(
    connection: Pick<ProviderConnection, "environment" | "builtIn" | "settings">,
    externalId: string,
  ): string | undefined;
}
