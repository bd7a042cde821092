import { AppError } from "../errors.ts";

export interface GatherOptions<Request, Result> {
  /** Batches at once. */
  readonly lanes: number;
  /** How long the first request of a batch waits for others. */
  readonly gatherMs: number;
  readonly maxBatchWeight: number;
  /** Beyond this, callers are told to come back. */
  readonly maxWaitingWeight: number;
  readonly weigh: (request: Request) => number;
  /** One outcome for each request, in their order: an error refuses that one alone. */
  readonly run: (requests: readonly Request[]) => Promise<readonly (Result | Error)[]>;
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers concurrent requests for a moment and runs them as one batch; each promise settles when
 * its batch has run. When a batch fails as a whole, its requests are run one by one, so that one
 * request's fault is not the others'.
 */
export function gatherRequests<Request, Result>(
  options: GatherOptions<Request, Result>,
): (request: Request) => Promise<Result> {
  const { lanes, gatherMs, maxBatchWeight, maxWaitingWeight, weigh } = options;
  const waiting: Waiting<Request, Result>[] = [];
  let waitingWeight = 0;
  let running = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Whole requests, at least one. */
  const takeBatch = (): Waiting<Request, Result>[] => {
    let weight = 0;
    let count = 0;
    for (const { request } of waiting) {
      const next = weigh(request);
      if (count > 0 && weight + next > maxBatchWeight) break;
      weight += next;
      count += 1;
    }
    waitingWeight -= weight;
    return waiting.splice(0, count);
  };

  const startLane = (): void => {
    if (running >= lanes || waiting.length === 0 || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      running += 1;
      void settle(takeBatch(), options.run).finally(() => {
        running -= 1;
        startLane();
      });
      startLane();
    }, gatherMs);
  };

  return (request) =>
    new Promise((resolve, reject) => {
      if (waitingWeight + weigh(request) > maxWaitingWeight) {
        throw new AppError("unavailable", "overloaded", "Too much is waiting; send it again");
      }
      waiting.push({ request, resolve, reject });
      waitingWeight += weigh(request);
      startLane();
    });
}

async function settle<Request, Result>(
  batch: readonly Waiting<Request, Result>[],
  run: GatherOptions<Request, Result>["run"],
): Promise<void> {
  try {
    const outcomes = await run(batch.map(({ request }) => request));
    for (const [i, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[i];
      if (outcome === undefined) reject(new Error("The batch has no outcome for a request"));
      else if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    }
  } catch (error) {
    if (batch.length === 1) batch[0]?.reject(error);
    else for (const request of batch) await settle([request], run);
  }
}
