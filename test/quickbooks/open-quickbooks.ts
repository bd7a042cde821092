import { randomBytes, randomInt } from "node:crypto";
import type { Books, Change } from "./books/books.ts";
import { type Company, type CompanyOptions, openBooks, openCompany } from "./books/company.ts";
import { openClock, toTime } from "./clock.ts";
import { answerApi } from "./http/api.ts";
import { type Call, jsonReply } from "./http/call.ts";
import { consent } from "./http/consent.ts";
import { openThrottle } from "./http/gateway.ts";
import { type App, answerOAuth } from "./http/oauth.ts";
import { type Answer, openServer } from "./http/server.ts";
import { openTokens } from "./http/tokens.ts";
import { openTroubles, replyAfter, replyBefore } from "./http/trouble.ts";
import { type Delivery, post, signatureOf, toBody, type WebhookForm } from "./http/webhooks.ts";
import type { QuickBooks, QuickBooksOptions, SeenRequest, WebhookOptions } from "./quickbooks.ts";

export type { Company } from "./books/company.ts";
export type { QuickBooks, QuickBooksOptions } from "./quickbooks.ts";

const newRealmId = (): string => `93${randomInt(10 ** 11, 10 ** 12)}`;
const secret = (prefix: string): string => `${prefix}${randomBytes(20).toString("base64url")}`;

/** Opens a stand-in of Intuit's OAuth 2.0 and of QuickBooks Online's Accounting API. */
export async function openQuickBooks(options: QuickBooksOptions = {}): Promise<QuickBooks> {
  const clock = openClock(options.start);
  const tokens = openTokens(clock, {
    graceSeconds: options.graceSeconds ?? 86_400,
    rotation: options.rotation ?? "always",
  });
  const app: App = {
    clientId: secret("AB"),
    clientSecret: secret(""),
    verifierToken: secret(""),
    redirectUris: [...(options.redirectUris ?? [])],
  };
  const companies = new Map<string, Books>();
  const events: Change[] = [];
  const requests: SeenRequest[] = [];
  const oauthRequests: SeenRequest[] = [];
  const troubles = openTroubles();
  const limits =
    options.limits === false ? undefined : (options.limits ?? { perSecond: 10, perMinute: 500 });
  const api = {
    clock,
    tokens,
    companies,
    isThrottled: openThrottle(clock, limits),
    replies: new Map(),
    repeatsFaults: options.repeatsFaults ?? false,
  };

  function addCompany(companyOptions: CompanyOptions = {}): Company {
    const realmId = companyOptions.realmId ?? newRealmId();
    const books = openBooks(clock, realmId, companyOptions, (change) => events.push(change));
    companies.set(realmId, books);
    const opened = openCompany(books);
    // What a company starts with is news to nobody.
    for (const list of [books.changes, events]) {
      const others = list.filter((change) => change.realmId !== realmId);
      list.splice(0, list.length, ...others);
    }
    return opened;
  }

  const answerCall = (call: Call) =>
    answerOAuth(app, tokens, [...companies.keys()], call) ??
    answerApi(api, call) ??
    jsonReply(404, { error: "not_found" });

  function note(call: Call): SeenRequest {
    const seen: SeenRequest = {
      method: call.method,
      path: call.path,
      query: Object.fromEntries(call.query),
      body: call.body,
      requestId: call.query.get("requestid") ?? undefined,
      status: 0,
    };
    (call.path.startsWith("/v3/") ? requests : oauthRequests).push(seen);
    return seen;
  }

  async function answer(call: Call): Promise<Answer> {
    const seen = note(call);
    await quickBooks.before?.(call);
    const kind = troubles.take(call);
    const time = toTime(clock.now());
    const early = kind === undefined ? undefined : replyBefore(kind, clock, call, time);
    const reply = early === undefined || early === "cut" ? undefined : early;
    if (early === "cut") return { reply: jsonReply(500, {}), instead: "cut" };
    const done = reply ?? answerCall(call);
    const told = reply ?? replyAfter(kind, done, time);
    if (told === "cut" || told === "hold") return { reply: done, instead: told };
    seen.status = told.status;
    return { reply: told };
  }

  function deliver(form: WebhookForm, changes: readonly Change[], given: WebhookOptions) {
    const body = toBody(form, changes);
    const type = form === "old" ? "application/json" : "application/cloudevents+json";
    const headers = {
      "content-type": type,
      "intuit-signature": given.signature ?? signatureOf(app.verifierToken, body),
    };
    return post({ url: given.url, headers, body, status: undefined });
  }

  async function sendWebhooks(given: WebhookOptions): Promise<Delivery[]> {
    const told = events.splice(0);
    if (given.reversed) told.reverse();
    const parts = given.separately ? told.map((change) => [change]) : [told];
    const deliveries: Delivery[] = [];
    for (const part of parts) {
      if (part.length > 0) deliveries.push(await deliver(given.form ?? "cloudevents", part, given));
    }
    return deliveries;
  }

  const company = addCompany(options);
  const { realmId } = company;
  const server = await openServer(answer, options.port ?? 0);
  const quickBooks: QuickBooks = {
    apiBase: server.url,
    oauthBase: server.url,
    app,
    realmId,
    company,
    addCompany,
    requests,
    oauthRequests,
    advance: clock.advance,
    trouble: (match, kind, times = 1) => troubles.add(match, kind, times),
    before: undefined,
    mend() {
      troubles.clear();
      server.release();
    },
    release: server.release,
    consent: (url, { realmId: chosen = realmId, deny = false } = {}) => consent(url, chosen, deny),
    issueTokens: (chosen = realmId) => tokens.issueFor(chosen),
    revokeConsent: (chosen = realmId) => tokens.revokeConsent(chosen),
    events,
    sendWebhooks,
    redeliver: (delivery) => post({ ...delivery, status: undefined }),
    close: server.close,
  };
  return quickBooks;
}
