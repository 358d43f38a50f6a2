import { ServiceError } from './service/service-error';

const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/]/;

const isControl = (code: number): boolean => code < 0x20 || (code >= 0x7f && code <= 0x9f);
/** Matches surrogates, alone or in pairs, and U+FFFE and U+FFFF. */
const isUnassignable = (code: number): boolean => (code >= 0xd800 && code <= 0xdfff) || code >= 0xfffe;

/** Throws InvalidName unless the text is a valid name of a state machine or an execution. */
export function requireName(name: string): void {
  const codes = [...name].map((character) => character.codePointAt(0) ?? 0);
  const wrong = FORBIDDEN.test(name) || codes.some((code) => isControl(code) || isUnassignable(code));
  if (name.length >= 1 && name.length <= 80 && !wrong) return;
  throw new ServiceError(
    'InvalidName',
    `Invalid Name: '${name}' (1 to 80 characters; no white space, control characters, surrogates, or any of < > { } [ ] ? * " # % \\ ^ | ~ \` $ & , ; : /)`,
  );
}

/** Throws InvalidArn unless the text has the form of a Step Functions ARN. */
export function requireArn(arn: string): string {
  if (/^arn:[a-z-]+:states:[a-z0-9-]*:\d*:[A-Za-z]+:.+$/.test(arn)) return arn;
  throw new ServiceError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
}
