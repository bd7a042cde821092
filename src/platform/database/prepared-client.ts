import pg from "pg";

/** Statements that are seen this often are prepared; the rest would only fill the server's memory. */
const SEEN_BEFORE_PREPARED = 3;
/** Statements that a process prepares at most, on each connection that runs them. */
const MAX_PREPARED = 400;
/** Longer texts are inserts of many rows, which hardly come again in the same number. */
const MAX_TEXT = 6000;
/** How many texts are counted on the way to be prepared. */
const MAX_COUNTED = 5000;

/**
 * How long plans are kept. A plan is made for a table as big as it is then; without this, one that was
 * made while a queue was short reads the whole of it when it is long, until the table is analyzed.
 */
const PLANS_AGE_MS = 5000;

/** "cached plan must not change result type": a migration gave a column to a table that is read whole. */
export const isStalePlan = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  error.code === "0A000" &&
  error.message.includes("cached plan");

/** Which statements have a name on the server; one for all connections of a pool. */
export class StatementNames {
  #generation = 0;
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** The name under which a text is prepared; undefined while it is rare. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_PREPARED || text.length > MAX_TEXT) return undefined;
    const seen = (this.#counts.get(text) ?? 0) + 1;
    if (seen < SEEN_BEFORE_PREPARED) {
      if (this.#counts.size >= MAX_COUNTED) this.#counts.clear();
      this.#counts.set(text, seen);
      return undefined;
    }
    this.#counts.delete(text);
    const name = `s${this.#generation}_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }

  /** After a change of the tables: every statement is prepared anew, under another name. */
  forget(): void {
    this.#generation += 1;
    this.#names.clear();
    this.#counts.clear();
  }
}

type Query = (text: string, values?: readonly unknown[]) => Promise<pg.QueryResult>;

/**
 * A client class whose repeated statements are parsed once on a connection, and planned anew only when
 * their plans are `plansAgeMs` old. A statement whose plan a migration made stale runs again as a new one; inside a transaction, which is lost with
 * it, the error is thrown on, and `inTransaction` runs all of it again.
 */
export function preparedClient(
  names: StatementNames,
  plansAgeMs: number = PLANS_AGE_MS,
): typeof pg.Client {
  class PreparedClient extends pg.Client {
    readonly #send = super.query.bind(this) as (...args: readonly unknown[]) => unknown;

    #planningSince = performance.now();

    /** Sent before the statement that is about to be; in a transaction that failed it does nothing. */
    #renewPlans(): void {
      if (performance.now() - this.#planningSince < plansAgeMs) return;
      this.#planningSince = performance.now();
      void (this.#send("discard plans") as Promise<unknown>).catch(() => {});
    }

    readonly #prepared: Query = async (text, values = []) => {
      const name = names.nameOf(text);
      const plain = { text, values };
      this.#renewPlans();
      if (name === undefined) return (await this.#send(plain)) as pg.QueryResult;
      try {
        return (await this.#send({ name, ...plain })) as pg.QueryResult;
      } catch (error) {
        if (!isStalePlan(error)) throw error;
        names.forget();
        try {
          return (await this.#send(plain)) as pg.QueryResult;
        } catch {
          throw error;
        }
      }
    };

    override query = ((...args: readonly unknown[]) => {
      const [text, values] = args;
      // Without values a text may hold several statements, which cannot be prepared.
      const isPlain = args.length === 2 && typeof text === "string" && Array.isArray(values);
      return isPlain && values.length > 0 ? this.#prepared(text, values) : this.#send(...args);
    }) as pg.Client["query"];
  }
  return PreparedClient;
}
