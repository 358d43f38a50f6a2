import type { TrackedFile } from './files';

/** A word that this repository replaces by the field's own, and the contexts in which it is right nevertheless. */
interface ReplacedWord {
  readonly pattern: RegExp;
  readonly use: string;
  readonly except?: RegExp;
}

/** Patterns are written so that they do not match themselves. */
export const REPLACED_WORDS: readonly ReplacedWord[] = [
  { pattern: /\b(tol[d]|tell[s])\b/i, use: 'reported, logged' },
  {
    pattern: /\b(nobod[y]|whoeve[r]|somebod[y]|nobody['’]s)\b/i,
    use: 'the actor: the worker, the operator',
    // The operating system's unprivileged user.
    except: /'postgres', 'nobod[y]'/,
  },
  { pattern: /\b(goe[s]|g[o]|wen[t]|goin[g]) on\b/i, use: 'continue' },
  { pattern: /\bane[w]\b/i, use: 'again' },
  { pattern: /\bbesid[e]\b/i, use: 'concurrently with, next to' },
  { pattern: /\b(come[s]?|came|coming) to b[e]\b/i, use: 'is created' },
  { pattern: /\bmen[d](s|ed|ing)?\b/i, use: 'fix' },
  { pattern: /\bin vai[n]\b/i, use: 'without progress' },
  { pattern: /\bpassin[g] (error|failure)s?\b/i, use: 'transient' },
  { pattern: /\blost[- ]answer[s]?\b/i, use: 'lost response' },
  { pattern: /\b(ask[s]?|aske[d])\b/i, use: 'query, request' },
  {
    pattern: /\banswer(s|e[d])?\b/i,
    use: 'return, response',
    // A value of a migrated column: the outcome of a telephone call.
    except: /'busy', 'no answe[r]'/,
  },
  {
    pattern: /\b(begu[n]|bega[n]|begin[s]|beginnin[g])\b/i,
    use: 'start',
    // The names of a field in decision 18, and of an earlier version's event in the changelog.
    except: /`begin[s]`|`begu[n]`/,
  },
  {
    pattern: /\bbehin[d]\b/i,
    use: 'after; or name the mechanism: under the fence, served by',
    except: /\b(lag|lags|lagged|fall|falls|fell|left) behind\b/i,
  },
  { pattern: /\b(take[sn]?|took|taking) awa[y]\b/i, use: 'remove' },
  { pattern: /\bcut of[f]\b/i, use: 'interrupt' },
  { pattern: /\b(hopeles[s]|fat[e]|tol[l]|teet[h]|toot[h])\b/i, use: 'a literal name' },
  {
    pattern: /(?<!\bthere )\b(is|are|was|were|be) n[o] (?!longer\b|more\b|one\b|better\b|less\b)\w/i,
    use: 'is not a',
  },
  {
    pattern: /\blooks? (?:at|for|into|up)\b|\ba loo[k]\b/i,
    use: 'check, read, search',
    except: /\blooks? up\b/i,
  },
  { pattern: /\b(a|each|every|its|one|new|this) lif[e]\b|\blive[s] of\b/i, use: 'attempt' },
  {
    pattern: /(^|[.:;]\s+|\/\*\*?\s+|\/\/\s+|^\s*\*\s+|['"`])(Wha[t]|Wh[o]|Of those tha[t]) (?!.*\?)/,
    use: 'actor, verb, object',
  },
];

/** Text of a file in which English stands: everything but imports and the words of SQL. */
const englishOf = (line: string): string => (/^(import|export) .* from |^} from /.test(line) ? '' : line);

/** `path:line: word (use …)` for every replaced word. */
export const replacedWordsIn = (file: TrackedFile): string[] =>
  file.text.split('\n').flatMap((line, index) =>
    REPLACED_WORDS.flatMap(({ pattern, use, except }) => {
      const found = pattern.exec(englishOf(line));
      if (!found || except?.test(line) === true) return [];
      return [`${file.path}:${index + 1}: ${JSON.stringify(found[0].trim())}: use ${use}`];
    }),
  );
