import type { Change } from "./books/books.ts";
import type { Company, CompanyOptions } from "./books/company.ts";
import type { Call } from "./http/call.ts";
import type { Limits } from "./http/gateway.ts";
import type { App } from "./http/oauth.ts";
import type { TokenOptions, TokenSet } from "./http/tokens.ts";
import type { Match, TroubleKind } from "./http/trouble.ts";
import type { Delivery, WebhookForm } from "./http/webhooks.ts";

export interface QuickBooksOptions extends CompanyOptions, Partial<TokenOptions> {
  /** Where its clock starts; it goes on by itself. */
  readonly start?: string;
  readonly redirectUris?: readonly string[];
  /** Calls of a company: 10 a second and 500 a minute, unless told otherwise; false: no limit. */
  readonly limits?: Limits | false;
  /** Repeats refusals under their request id as well as what was done. */
  readonly repeatsFaults?: boolean;
  readonly port?: number;
}

/** A call as it came, and what it was answered: 0 when the connection was cut or nothing came yet. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  readonly requestId: string | undefined;
  status: number;
}

export interface WebhookOptions {
  readonly url: string;
  readonly form?: WebhookForm;
  /** One delivery for each event. */
  readonly separately?: boolean;
  /** The last event first. */
  readonly reversed?: boolean;
  /** In the place of the right one. */
  readonly signature?: string;
}

export interface QuickBooks {
  readonly apiBase: string;
  readonly oauthBase: string;
  readonly app: App;
  readonly realmId: string;
  readonly company: Company;
  addCompany(options?: CompanyOptions): Company;
  /** Calls of the Accounting API, and those of OAuth. */
  readonly requests: SeenRequest[];
  readonly oauthRequests: SeenRequest[];
  /** Puts its clock forward: tokens end, limits open. */
  advance(seconds: number): void;
  /** Lets the next calls that match fail in this way, so many of them. */
  trouble(match: Match, kind: TroubleKind, times?: number): void;
  /** Waited for before a call is answered. */
  before: ((call: Call) => Promise<void>) | undefined;
  /** Forgets all trouble, and answers who is held. */
  mend(): void;
  /** Answers the calls that are held ("slow after"). */
  release(): void;
  /** What the browser of a person does who agrees, or does not: answers where it is sent back to. */
  consent(authorizeUrl: string, options?: ConsentOptions): Promise<string>;
  issueTokens(realmId?: string): TokenSet;
  revokeConsent(realmId?: string): void;
  /** What happened and was not told yet: a test may reorder it, repeat it or take of it. */
  readonly events: Change[];
  /** Tells it, and forgets it. */
  sendWebhooks(options: WebhookOptions): Promise<Delivery[]>;
  redeliver(delivery: Delivery): Promise<Delivery>;
  close(): Promise<void>;
}

export interface ConsentOptions {
  readonly realmId?: string;
  readonly deny?: boolean;
}
