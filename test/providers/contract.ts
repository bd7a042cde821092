import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "../../src/errors.ts";
import type { DeliverableInvoice } from "../../src/providers/deliverable-invoice.ts";
import type { ProviderRequest, WriteResult } from "../../src/providers/delivery-step.ts";
import type { AnyProvider } from "../../src/providers/provider.ts";
import type { ProviderConnection, RouteOptions } from "../../src/providers/provider-connection.ts";
import { ProviderReadError } from "../../src/providers/read-error.ts";
import { readSettings } from "../../src/providers/setting-fields.ts";
import { sampleInvoice, sampleKnown } from "../support/sample-delivery.ts";

/** What any system can be made to do at its next call. */
export type Trouble =
  | "refused"
  | "unauthorized"
  | "throttled"
  | "locked"
  | "broken before"
  | "broken after"
  | "cut before"
  | "cut after"
  | "page after";

/** A document as it stands at the system. */
export interface Standing {
  readonly id: string;
  readonly isDraft: boolean;
  readonly lines: number;
  readonly totalMinor: number;
}

/** A system behind a provider, as the suite needs it. */
export interface ContractSystem {
  readonly provider: AnyProvider;
  readonly connection: ProviderConnection;
  readonly options: RouteOptions;
  /** Secrets that must stand in no message. */
  readonly secrets: readonly string[];
  /** In a credential they are refused, with the reason. */
  readonly badCredentials: readonly Readonly<Record<string, unknown>>[];
  /** The documents of an invoice. */
  list(invoiceId: string): Promise<Standing[]>;
  /** Troubles the next call. */
  trouble(method: "GET" | "POST", trouble: Trouble): void;
  /** All is well again. */
  mend(): void;
  /** Somebody adds a line that is not ours. */
  meddle(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** An event about a document, as the system would send it now. */
  event(externalId: string, invoiceId: string): string;
  /** The headers with which it would come. */
  sign(body: string, secret: string, seconds: number): Readonly<Record<string, string>>;
  readonly webhookSecret: string;
  close(): Promise<void>;
}

interface Journaled {
  readonly name: string;
  readonly request: ProviderRequest;
  readonly key: string;
  readonly result: WriteResult;
}

const LINES = [{ name: "Tokens" }, { name: "Calls", quantity: "3" }, { name: "Seats" }];
/** 100 + 300 + 100 cents. */
const TOTAL = 500;

let invoices = 0;

/** An invoice that was never delivered. */
const newInvoice = (): DeliverableInvoice => {
  invoices += 1;
  const id = `${String(invoices).padStart(8, "0")}-9a4a-5f3e-8a70-2f6d5f1f3b11`;
  return sampleInvoice(LINES, { id });
};

/** In what providers may differ; what most do is what holds when nothing is said. */
export interface ContractTraits {
  /** Writes of a delivery of three lines. */
  readonly writes?: number;
  /** A document is a draft before it counts. */
  readonly hasDrafts?: boolean;
  /** Options without a payer are refused. */
  readonly needsPayer?: boolean;
  /** A credential belongs to one environment by its look. */
  readonly bindsEnvironment?: boolean;
  /** Its webhooks are signed with their time, and name the document and our invoice. */
  readonly datesWebhooks?: boolean;
  /** An answer that is only repeated for its key says so. */
  readonly marksRepeats?: boolean;
  /** The id of a document that is not there. */
  readonly unknownId?: string;
  /** What it asks to wait when it throttles. */
  readonly throttleSeconds?: number;
}

/** The rules every provider keeps, checked against its system over HTTP. */
export function checkProvider(
  name: string,
  open: () => Promise<ContractSystem>,
  traits: ContractTraits = {},
): void {
  const { writes = 3, hasDrafts = true, needsPayer = true, bindsEnvironment = true } = traits;
  const { datesWebhooks = true, marksRepeats = true, throttleSeconds = 1 } = traits;
  const { unknownId = "in_of_nobody" } = traits;
  describe(`provider ${name}`, () => {
    let system: ContractSystem;
    beforeAll(async () => {
      system = await open();
    });
    afterAll(() => system?.close());
    beforeEach(() => system.mend());

    const plan = (invoice: DeliverableInvoice): unknown => {
      const planned = system.provider.plan(invoice, system.options, system.connection);
      if (planned.outcome !== "send") throw new Error(`planned ${planned.outcome}`);
      return planned.document;
    };

    /** One look and one step, as the core does it; undefined: the delivery has ended. */
    async function advance(document: unknown, journal: Journaled[], prefix: string) {
      const { provider, connection } = system;
      const created = journal.find(({ result }) => result.outcome === "accepted")?.result;
      const known = sampleKnown({
        externalId: created?.outcome === "accepted" ? created.externalId : undefined,
        begun: journal.map(({ request }) => request),
        accepted: journal
          .filter(({ result }) => result.outcome === "accepted")
          .map(({ request }) => request),
        refused: journal.flatMap(({ request, result }) =>
          result.outcome === "rejected" ? [{ ...request, code: result.code }] : [],
        ),
      });
      const observed = await provider.observe(connection, document, known);
      const step = provider.nextStep(document, observed);
      if (step.step !== "write") return step;
      const used = journal.filter(
        (entry) =>
          entry.name === step.name &&
          (entry.result.outcome !== "retry" || entry.result.newKey === true),
      ).length;
      const key = `${prefix}-${step.name}-${used}`;
      const result = await provider.execute(connection, step.request, key);
      journal.push({ name: step.name, request: step.request, key, result });
      return undefined;
    }

    async function deliver(invoice: DeliverableInvoice, journal: Journaled[] = []) {
      const document = plan(invoice);
      for (let count = 0; count < 12; count += 1) {
        const end = await advance(document, journal, invoice.id);
        if (end !== undefined) return end;
      }
      throw new Error("the delivery goes in circles");
    }

    const expectOneWhole = async ({ id }: DeliverableInvoice) => {
      const standing = await system.list(id);
      expect(standing).toMatchObject([{ isDraft: false, lines: 3, totalMinor: TOTAL }]);
    };

    test("plans purely: the same document twice, and a refusal for what it cannot take", () => {
      const invoice = newInvoice();
      expect(plan(invoice)).toEqual(plan(invoice));
      const { provider, connection, options } = system;
      const strange = { ...invoice, creditTypeId: "9a4a0000-0000-4000-8000-000000000000" };
      expect(provider.plan(strange, options, connection).outcome).toBe("refuse");
      if (needsPayer) expect(provider.plan(invoice, {}, connection).outcome).toBe("refuse");
    });

    test("names the payer that its options lead to", () => {
      expect(system.provider.payer(system.options)).toEqual(expect.any(String));
      expect(system.provider.payer({})).toBeUndefined();
    });

    test("delivers one whole document, by the very writes that it rehearsed", async () => {
      const invoice = newInvoice();
      const journal: Journaled[] = [];
      const end = await deliver(invoice, journal);
      const [standing] = await system.list(invoice.id);
      expect(end).toMatchObject({ step: "done", external: { externalId: standing?.id } });
      await expectOneWhole(invoice);
      const rehearsed = JSON.stringify(system.provider.rehearse(plan(invoice)));
      const sent = JSON.stringify(
        journal.map((each) => ({ name: each.name, request: each.request })),
      );
      expect(sent).toBe(rehearsed.replaceAll(/\{\w+\.id\}/g, standing?.id ?? ""));
      expect(await deliver(invoice, journal)).toMatchObject({
        step: "done",
        external: { externalId: standing?.id },
      });
      expect(journal, "a further look changes nothing").toHaveLength(writes);
    });

    test("learns from the answers to its writes what a look would tell", async () => {
      const { provider, connection } = system;
      const invoice = newInvoice();
      const document = plan(invoice);
      const nothing = await provider.observe(
        connection,
        document,
        sampleKnown({ externalId: undefined }),
      );
      const first = provider.nextStep(document, nothing);
      if (first.step !== "write") throw new Error("nothing to create");
      const result = await provider.execute(connection, first.request, `${invoice.id}-create`);
      if (result.outcome !== "accepted") throw new Error("not created");
      const { externalId, reply } = result;
      const known = sampleKnown({ externalId, begun: [first.request], accepted: [first.request] });
      const written = { request: first.request, reply };
      const told = provider.afterWrite?.(document, nothing, written, known);
      const seen = await provider.observe(connection, document, known);
      if (told !== undefined) {
        expect(provider.nextStep(document, told)).toEqual(provider.nextStep(document, seen));
      }
      expect(provider.nextStep(document, seen)).toMatchObject(
        writes === 1 ? { step: "done" } : { step: "write", name: "lines-0" },
      );
    });

    describe.each(Array.from({ length: writes }, (_, position) => position))(
      "its write number %d",
      (position) => {
        test.each<Trouble>([
          "broken before",
          "broken after",
          "cut before",
          "cut after",
          "page after",
          "throttled",
          "locked",
        ])("that is %s is no end: what comes next leaves one whole document", async (trouble) => {
          const invoice = newInvoice();
          const document = plan(invoice);
          const journal: Journaled[] = [];
          for (let count = 0; count < position; count += 1) {
            await advance(document, journal, invoice.id);
          }
          system.trouble("POST", trouble);
          await advance(document, journal, invoice.id);
          expect(journal.at(-1)?.result.outcome).toBe("retry");
          system.mend();
          expect(await deliver(invoice, journal)).toMatchObject({ step: "done" });
          await expectOneWhole(invoice);
        });

        test("under the same key has its effect once", async () => {
          const invoice = newInvoice();
          const document = plan(invoice);
          const journal: Journaled[] = [];
          for (let count = 0; count <= position; count += 1) {
            await advance(document, journal, invoice.id);
          }
          const last = journal.at(-1);
          if (last === undefined) throw new Error("nothing was written");
          const again = await system.provider.execute(system.connection, last.request, last.key);
          // What cannot be told from a new answer must not be taken for one.
          const decides = marksRepeats || system.provider.afterWrite !== undefined;
          if (decides) expect(again).not.toHaveProperty("reply");
          expect(again).toMatchObject({ outcome: "accepted" });
          await deliver(invoice, journal);
          await expectOneWhole(invoice);
        });

        test("that is refused is a rejection with a reason", async () => {
          const invoice = newInvoice();
          const journal: Journaled[] = [];
          for (let count = 0; count < position; count += 1) {
            await advance(plan(invoice), journal, invoice.id);
          }
          for (const trouble of ["refused", "unauthorized"] as const) {
            system.trouble("POST", trouble);
            await advance(plan(invoice), journal, invoice.id);
            expect(journal.at(-1)?.result).toMatchObject({
              outcome: "rejected",
              code: expect.stringMatching(/./),
              message: expect.stringMatching(/./),
            });
          }
        });
      },
    );

    test("waits as long as it is asked to", async () => {
      const invoice = newInvoice();
      const journal: Journaled[] = [];
      system.trouble("POST", "throttled");
      await advance(plan(invoice), journal, invoice.id);
      expect(journal[0]?.result).toMatchObject({ outcome: "retry", afterSeconds: throttleSeconds });
    });

    test.each<[Trouble, boolean]>([
      ["broken before", false],
      ["cut before", false],
      ["page after", false],
      ["throttled", false],
      ["unauthorized", true],
    ])("a read that is %s fails, for good: %s, and tells no secret", async (trouble, permanent) => {
      const { provider, connection, secrets } = system;
      const known = { externalId: unknownId, begun: [] };
      const document = plan(newInvoice());
      const read = async (what: () => Promise<unknown>) => {
        system.mend();
        system.trouble("GET", trouble);
        const error = await what().catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(ProviderReadError);
        expect((error as ProviderReadError).permanent).toBe(permanent);
        for (const secret of secrets) expect(String((error as Error).stack)).not.toContain(secret);
      };
      await read(() => provider.observe(connection, document, known as never));
      await read(() => provider.fetch(connection, unknownId));
    });

    test("a document that somebody changed is kept and never finalized", async () => {
      const invoice = newInvoice();
      const journal: Journaled[] = [];
      await advance(plan(invoice), journal, invoice.id);
      await advance(plan(invoice), journal, invoice.id);
      const [draft] = await system.list(invoice.id);
      await system.meddle(draft?.id ?? "");
      expect(await deliver(invoice, journal)).toMatchObject({
        step: "refuse",
        message: expect.stringMatching(/./),
        external: { externalId: draft?.id },
      });
      expect(await system.list(invoice.id)).toMatchObject([{ isDraft: hasDrafts }]);
    });

    test("a document that was deleted stays deleted", async () => {
      const invoice = newInvoice();
      const journal: Journaled[] = [];
      await advance(plan(invoice), journal, invoice.id);
      const [draft] = await system.list(invoice.id);
      await system.remove(draft?.id ?? "");
      expect(await deliver(invoice, journal)).toMatchObject({
        step: "done",
        external: { status: "DELETED" },
      });
      expect(await system.provider.fetch(system.connection, draft?.id ?? "")).toBeUndefined();
      expect(await system.list(invoice.id)).toEqual([]);
    });

    test("a document that it does not know is undefined; one that it knows has a status", async () => {
      const invoice = newInvoice();
      await deliver(invoice);
      const [{ id } = { id: "" }] = await system.list(invoice.id);
      const { provider, connection } = system;
      expect(await provider.fetch(connection, id)).toMatchObject({
        externalId: id,
        status: expect.stringMatching(/^(FINALIZED|PAID)$/),
      });
      expect(await provider.fetch(connection, unknownId)).toBeUndefined();
    });

    if (datesWebhooks) {
      test("takes an event that is signed, and none that is forged, stale or another's", () => {
        const { provider, connection, webhookSecret } = system;
        const body = system.event("in_1", "6a0bd4f5-9a4a-5f3e-8a70-000000000000");
        const now = Math.floor(Date.now() / 1000);
        const verify = (text: string, headers: Readonly<Record<string, string>>) =>
          provider.verifyWebhook(connection, Buffer.from(text), headers);
        const signed = system.sign(body, webhookSecret, now);
        expect(verify(body, signed)).toMatchObject([
          {
            eventId: expect.any(String),
            externalId: "in_1",
            invoiceId: "6a0bd4f5-9a4a-5f3e-8a70-000000000000",
          },
        ]);
        const refused: [string, Readonly<Record<string, string>>][] = [
          [body.replace("in_1", "in_2"), signed],
          [body, system.sign(body, `${webhookSecret}x`, now)],
          [body, system.sign(body, webhookSecret, now - 3600)],
          [body, {}],
          ["", system.sign("", webhookSecret, now)],
        ];
        for (const [text, headers] of refused) expect(verify(text, headers)).toBeUndefined();
      });
    }

    test("refuses a credential that cannot be right, naming the field and not its value", () => {
      const { provider, connection, badCredentials } = system;
      expect(provider.readCredential(connection.credential, "SANDBOX")).toEqual(
        connection.credential,
      );
      for (const bad of badCredentials) {
        const refuse = () => provider.readCredential(bad, "SANDBOX");
        expect(refuse).toThrow(AppError);
        expect(refuse).toThrow(/credential|API key/);
        for (const value of Object.values(bad)) expect(refuse).not.toThrow(String(value));
      }
      if (!bindsEnvironment) return;
      expect(() => provider.readCredential(connection.credential, "PRODUCTION")).toThrow(AppError);
    });

    test("refuses settings and options that it does not have", () => {
      const { provider, options } = system;
      expect(() => readSettings(provider.settings, { no_such_setting: 1 }, {})).toThrow(AppError);
      for (const name of Object.keys(provider.settings)) {
        expect(() => readSettings(provider.settings, { [name]: { nonsense: [] } }, {})).toThrow(
          name,
        );
      }
      expect(provider.readRouteOptions(options)).toMatchObject(options);
      if (needsPayer) expect(() => provider.readRouteOptions({})).toThrow(AppError);
      expect(() => provider.readRouteOptions({ ...options, unheard_of: 1 })).toThrow("unheard_of");
    });
  });
}
