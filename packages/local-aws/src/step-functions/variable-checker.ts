/** Checks the use of variables in a definition. The checks of states record assignments and references. */
export class VariableChecker {
  private readonly scopes: VariableScope[] = [];
  /** The variables that each state refers to, by state name. */
  private readonly references = new Map<string, Set<string>>();
  private current: VariableScope | undefined;
  private state = '';

  /** Runs `read` in a new scope. Children of a Distributed Map are `isolated` from outer variables. */
  inScope(isolated: boolean, read: () => void): void {
    const [outer, state] = [this.current, this.state];
    this.current = { outer, isolated, assigned: new Map(), referenced: [] };
    this.scopes.push(this.current);
    read();
    [this.current, this.state] = [outer, state];
  }

  /** Attributes the following references to this state. */
  enterState(name: string): void {
    this.state = name;
  }

  recordReference(variable: string, where: string): void {
    this.current?.referenced.push({ variable, where });
    const known = this.references.get(this.state) ?? new Set<string>();
    this.references.set(this.state, known.add(variable));
  }

  recordAssignment(variable: string, where: string): void {
    if (!this.current?.assigned.has(variable)) this.current?.assigned.set(variable, where);
  }

  problems(): string[] {
    return this.scopes.flatMap((scope) => [...unassigned(scope), ...shadowing(scope)]);
  }

  /** Returns sorted variable names by state, for the states that refer to variables. */
  variableReferences(): Readonly<Record<string, string[]>> {
    return Object.fromEntries([...this.references].map(([state, names]) => [state, [...names].sort()]));
  }
}

interface VariableScope {
  readonly outer: VariableScope | undefined;
  readonly isolated: boolean;
  /** The place of the first assignment, by variable name. */
  readonly assigned: Map<string, string>;
  readonly referenced: { readonly variable: string; readonly where: string }[];
}

function unassigned(scope: VariableScope): string[] {
  return scope.referenced
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
        return [`${where}: the variable '${variable}' is also assigned in an outer scope (${first})`];
    }
    return [];
  });
}
