import { ServiceError } from './service/service-error';

const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/]/;

const isControl = (code: number): boolean => code < 0x20 || (code >= 0x7f && code <= 0x9f);

/** Throws InvalidName unless the text may name a state machine or an execution. */
export function requireName(name: string): void {
  const codes = [...name].map((character) => character.codePointAt(0) ?? 0);
  if (name.length >= 1 && name.length <= 80 && !FORBIDDEN.test(name) && !codes.some(isControl)) return;
  throw new ServiceError(
    'InvalidName',
    `Invalid Name: '${name}' (1 to 80 characters; no white space, control characters, or any of < > { } [ ] ? * " # % \\ ^ | ~ \` $ & , ; : /)`,
  );
}
