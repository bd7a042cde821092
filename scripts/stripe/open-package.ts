import { API, type Checker, type Symbol as TypeSymbol } from "typescript/unstable/sync";

/** Where the `stripe` package keeps one file for each resource: declarations and code side by side. */
export const RESOURCES = "node_modules/stripe/esm/resources";

/** The `stripe` package as the TypeScript compiler sees it. */
export interface StripePackage {
  readonly checker: Checker;
  /** What a resource's file ("Invoices") exports, by name. Throws when there is no such file. */
  exportsOf(resource: string): ReadonlyMap<string, TypeSymbol>;
}

/** Opens the package with the compiler, does `work` and closes it again. */
export function withStripePackage<T>(work: (stripe: StripePackage) => T): T {
  const api = new API({ cwd: process.cwd() });
  try {
    const [project] = api.updateSnapshot({ openProjects: ["tsconfig.json"] }).getProjects();
    if (project === undefined) throw new Error("No project at tsconfig.json");
    const { checker, program } = project;
    return work({
      checker,
      exportsOf(resource) {
        const file = program.getSourceFile(`${RESOURCES}/${resource}.d.ts`);
        const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
        if (module === undefined) throw new Error(`The stripe package has no ${resource}`);
        return new Map(checker.getExportsOfModule(module).map((each) => [each.name, each]));
      },
    });
  } finally {
    api.close();
  }
}
