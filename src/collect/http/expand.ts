import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import type { WireObject } from "../wire.ts";
import type { Returns } from "./endpoint.ts";
import type { LoadObjects, Resource } from "./resource.ts";

/** Stripe docs: Expanding responses. */
const MAX_LEVELS = 4;

export type Resources = ReadonlyMap<string, Resource>;

/** One step into an object: at `path` (dotted) there is, or will be, an object or list of `returns`. */
export interface Step {
  readonly path: string;
  readonly returns: Returns;
  readonly kind: "reference" | "part" | "included" | "list";
  readonly load?: LoadObjects;
}

const cannotExpand = (path: string) =>
  refused("invalid_argument", `This property cannot be expanded (${path}).`, "expand");

const startsWithPath = (text: string, path: string): boolean =>
  text === path || text.startsWith(`${path}.`);

/** Every step that one kind of object allows. */
function stepsFrom(resources: Resources, returns: Returns): Step[] {
  if (typeof returns !== "string") return [{ path: "data", returns: returns.listOf, kind: "list" }];
  const resource = resources.get(returns);
  if (resource === undefined) return [];
  return [
    ...Object.entries(resource.references ?? {}).map(([path, name]): Step => {
      const load = resources.get(name)?.load;
      return { path, returns: name, kind: "reference", ...(load === undefined ? {} : { load }) };
    }),
    ...Object.entries(resource.parts ?? {}).map(
      ([path, name]): Step => ({ path, returns: name, kind: "part" }),
    ),
    ...Object.entries(resource.includables ?? {}).map(
      ([path, { returns: inner, load }]): Step => ({
        path,
        returns: inner,
        kind: "included",
        load,
      }),
    ),
  ];
}

/** Reads one `expand` path into steps. Throws 400 when it leads nowhere or is too deep. */
export function planExpansion(resources: Resources, returns: Returns, path: string): Step[] {
  const steps: Step[] = [];
  let at: Returns = returns;
  let rest = path;
  while (rest !== "") {
    const step = stepsFrom(resources, at).find((candidate) => startsWithPath(rest, candidate.path));
    if (step === undefined) throw cannotExpand(path);
    steps.push(step);
    at = step.returns;
    rest = rest.slice(step.path.length + 1);
  }
  const expands = steps.at(-1)?.kind;
  if (expands !== "reference" && expands !== "included") throw cannotExpand(path);
  if (steps.length > MAX_LEVELS) {
    throw refused(
      "invalid_argument",
      `You cannot expand more than ${MAX_LEVELS} levels of a property (${path}).`,
      "expand",
    );
  }
  return steps;
}

type Holder = Record<string, unknown>;

const isHolder = (value: unknown): value is Holder =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Where an id, or an object in its place, stands: a member of a hash, or an element of a list. */
interface Place {
  readonly get: () => unknown;
  readonly put: (value: unknown) => void;
}

const elementsOf = (list: unknown[]): Place[] =>
  list.map((_, index) => ({
    get: () => list[index],
    put: (value) => {
      list[index] = value;
    },
  }));

/** The places that a dotted path leads to; lists on the way and at its end are gone through. */
function placesAt(value: unknown, [first, ...rest]: readonly string[]): Place[] {
  if (Array.isArray(value)) return value.flatMap((one) => placesAt(one, [first ?? "", ...rest]));
  if (first === undefined || !isHolder(value)) return [];
  if (rest.length > 0) return placesAt(value[first], rest);
  const member = value[first];
  if (Array.isArray(member)) return elementsOf(member);
  return [
    {
      get: () => value[first],
      put: (found) => {
        value[first] = found;
      },
    },
  ];
}

const objectsIn = (value: unknown): Holder[] =>
  (Array.isArray(value) ? value : [value]).filter(isHolder);

/** Fills one step into all objects at once and returns the objects that it leads to. */
async function takeStep(scope: Scope, step: Step, objects: readonly Holder[]): Promise<Holder[]> {
  const path = step.path.split(".");
  const places = objects.flatMap((owner) =>
    placesAt(owner, path).map((place) => ({ owner, ...place })),
  );
  if (step.load !== undefined) {
    const idAt = ({ owner, get }: (typeof places)[number]): unknown =>
      step.kind === "included" ? owner.id : get();
    const ids = new Set(places.map(idAt).filter((id) => typeof id === "string"));
    const loaded = await step.load(scope, [...ids]);
    for (const place of places) {
      const id = idAt(place);
      const found = typeof id === "string" ? loaded.get(id) : undefined;
      // Each place gets a copy of its own: what is expanded further inside one must not show in another.
      if (found !== undefined) place.put(structuredClone(found));
    }
  }
  return places.flatMap(({ get }) => objectsIn(get()));
}

/** Returns a copy of `object` in which the planned paths hold whole objects instead of ids. */
export async function expandObject(
  scope: Scope,
  object: WireObject,
  plans: readonly (readonly Step[])[],
): Promise<WireObject> {
  if (plans.length === 0) return object;
  const copy = structuredClone(object);
  for (const plan of plans) {
    let objects: Holder[] = objectsIn(copy);
    for (const step of plan) objects = await takeStep(scope, step, objects);
  }
  return copy;
}
