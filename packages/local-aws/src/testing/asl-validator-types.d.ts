declare module 'asl-validator' {
  interface Verdict {
    readonly isValid: boolean;
    errorsText(separator: string): string;
  }
  function validate(definition: unknown, options?: { readonly checkPaths?: boolean }): Verdict;
  export = validate;
}
