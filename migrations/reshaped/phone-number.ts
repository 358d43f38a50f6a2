/** Country code, trunk prefix that is dialled within the country only, and how many digits follow, by ISO 3166 code. */
const COUNTRIES: Readonly<
  Record<string, { code: string; trunk: string; digits: readonly [number, number] }>
> = {
  CH: { code: '41', trunk: '0', digits: [9, 9] },
  DE: { code: '49', trunk: '0', digits: [7, 11] },
  FR: { code: '33', trunk: '0', digits: [9, 9] },
  IT: { code: '39', trunk: '', digits: [8, 11] },
  GB: { code: '44', trunk: '0', digits: [9, 10] },
};

export interface PhoneNumber {
  /** As ITU-T E.164 writes it, e.g. `+41791234567`; null if it could not be made out. */
  readonly number: string | null;
  /** Why not. */
  readonly problem: 'missing' | 'unreadable' | 'no country' | 'wrong length' | null;
}

/** Makes one number of what people have typed over the years. */
export function phoneNumber(typed: string | null, country: string | null): PhoneNumber {
  const failed = (problem: PhoneNumber['problem']): PhoneNumber => ({ number: null, problem });
  const text = (typed ?? '')
    .replace(/\b(ext|x)\.? ?\d+$/i, '')
    .replace(/\(0\)/, '')
    .trim();
  if (text === '') return failed('missing');
  if (!/^\+?[\d\s().\/-]+$/.test(text)) return failed('unreadable');
  const digits = text.replace(/\D/g, '');
  const dialled = text.startsWith('+') ? digits : digits.startsWith('00') ? digits.slice(2) : null;
  const home = COUNTRIES[country?.trim() ?? ''];
  if (dialled === null && !home) return failed('no country');
  const number = dialled ?? `${home!.code}${digits.replace(new RegExp(`^${home!.trunk}`), '')}`;
  const rule = Object.values(COUNTRIES).find(({ code }) => number.startsWith(code));
  const [min, max] = rule ? rule.digits.map((count) => count + rule.code.length) : [8, 15];
  return number.length < min! || number.length > max!
    ? failed('wrong length')
    : { number: `+${number}`, problem: null };
}
