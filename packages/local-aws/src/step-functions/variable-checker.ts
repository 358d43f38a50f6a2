/** What a definition says about variables, found while its states are read. */
export class VariableChecker {
  private readonly scopes: VariableScope[] = [];
  /** By state: the variables that it refers to. */
  private readonly references = new Map<string, Set<string>>();
  private present: VariableScope | undefined;
  private state = '';

  /** Reads the states of a scope. `isolated`: a Distributed Map's children see no outer variable. */
  within(isolated: boolean, read: () => void): void {
    const [outer, state] = [this.present, this.state];
    this.present = { outer, isolated, assigned: new Map(), referred: [] };
    this.scopes.push(this.present);
    read();
    [this.present, this.state] = [outer, state];
  }

  /** What is noted from now on belongs to this state. */
  enterState(name: string): void {
    this.state = name;
  }

  recordReference(variable: string, where: string): void {
    this.present?.referred.push({ variable, where });
    const known = this.references.get(this.state) ?? new Set<string>();
    this.references.set(this.state, known.add(variable));
  }

  recordAssignment(variable: string, where: string): void {
    if (!this.present?.assigned.has(variable)) this.present?.assigned.set(variable, where);
  }

  problems(): string[] {
    return this.scopes.flatMap((scope) => [...unassigned(scope), ...shadowing(scope)]);
  }

  /** Sorted names by state, for the states that refer to any. */
  variableReferences(): Readonly<Record<string, string[]>> {
    return Object.fromEntries([...this.references].map(([state, names]) => [state, [...names].sort()]));
  }
}

interface VariableScope {
  readonly outer: VariableScope | undefined;
  readonly isolated: boolean;
  /** Name, and where it is assigned first. */
  readonly assigned: Map<string, string>;
  readonly referred: { readonly variable: string; readonly where: string }[];
}

function unassigned(scope: VariableScope): string[] {
  return scope.referred
    .filter(({ variable }) => !isVisible(variable, scope))
    .map(({ variable, where }) => `${where}: no state in this scope assigns the variable '$${variable}'`);
}

function isVisible(variable: string, scope: VariableScope): boolean {
  if (scope.assigned.has(variable)) return true;
  return scope.outer !== undefined && !scope.isolated && isVisible(variable, scope.outer);
}

function shadowing(scope: VariableScope): string[] {
  return [...scope.assigned].flatMap(([variable, where]) => {
    for (let outer = scope.outer; outer; outer = outer.outer) {
      const first = outer.assigned.get(variable);
      if (first !== undefined)
        return [`${where}: the variable '${variable}' is assigned in an outer scope too (${first})`];
    }
    return [];
  });
}
