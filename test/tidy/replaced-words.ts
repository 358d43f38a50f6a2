import type { TrackedFile } from './files';

/** A word that this repository replaces by the field's own, and the contexts in which it is right nevertheless. */
interface ReplacedWord {
  readonly pattern: RegExp;
  readonly use: string;
  readonly except?: RegExp;
}

/**
 * Matched against text whose camelCase and snake_case words are split, so that names count too. Patterns are written so that they
 * do not match themselves.
 */
export const REPLACED_WORDS: readonly ReplacedWord[] = [
  {
    pattern: /\b(tol[d]|tel[l]s?|tellin[g])\b/i,
    use: 'reported, logged',
    except: /\bcannot tel[l]\b/,
  },
  {
    pattern: /\b(nobod[y]|whoeve[r]|somebod[y]|someon[e]|everybod[y]|everyon[e]|anybod[y]|anyon[e])\b/i,
    use: 'the actor: the worker, the operator',
    // The operating system's unprivileged user.
    except: /'postgres', 'nobod[y]'/,
  },
  { pattern: /\b(goe[s]|g[o]|wen[t]|goin[g]|gon[e]) on\b/i, use: 'continue' },
  { pattern: /\bane[w]\b/i, use: 'again' },
  { pattern: /\bbesid[e]\b/i, use: 'concurrently with, next to' },
  { pattern: /\b(come[s]?|came|coming) to b[e]\b/i, use: 'is created' },
  { pattern: /\bmen[d](s|ed|ing)?\b/i, use: 'fix' },
  { pattern: /\bin vai[n]\b/i, use: 'without progress', except: /`pausesInVai[n]`/ },
  { pattern: /\bpassin[g] (error|failure)s?\b/i, use: 'transient' },
  { pattern: /\blost[- ]answer[s]?\b/i, use: 'lost response' },
  { pattern: /\b(ask[s]?|aske[d]|askin[g])\b/i, use: 'query, request' },
  {
    pattern: /\banswe[r](s|ed|ing)?\b/i,
    use: 'return, response',
    // A value of a migrated column, the outcome of a telephone call; and a former key in the changelog.
    except: /'busy', 'no answe[r]'|`answersLos[t]`/,
  },
  {
    pattern: /\b(begu[n]|bega[n]|begin[s]|beginnin[g]|(?<!\.|\basync |\()[Bb]egi[n](?!\(|:))\b/,
    use: 'start',
    // SQL, the Data API and DynamoDB; a field in decision 18, and names of earlier versions in the changelog.
    except:
      /plpgsql|\$\$|['"]begin( transaction .*)?['"]|begin ?transaction|\(Begin\||begins[_]with|`begin[s]?`|`begu[n]`/i,
  },
  {
    pattern: /\bbehin[d]\b/i,
    use: 'after; or name the mechanism: under the fence, served by',
    except: /\b(lag|lags|lagged|fall|falls|fell) behind\b/i,
  },
  { pattern: /\b(take[sn]?|took|taking) awa[y]\b/i, use: 'remove' },
  { pattern: /\bcut of[f]\b/i, use: 'interrupt' },
  {
    pattern: /\b(hopeles[s]|fat[e]s?|tol[l]|teet[h]|toot[h]|poisone[d])\b/i,
    use: 'a literal name',
    except: /`PoisonedRow[s]`/,
  },
  {
    pattern: /(?<!\bthere )\b(is|are|was|were|be) n[o] (?!longer\b|more\b|one\b|better\b|less\b)\w/i,
    use: 'is not a',
  },
  {
    pattern: /\b(loo[k]s?|looke[d]|lookin[g])\b(?! up\b)/i,
    use: 'check, read, search',
    // Appearance; a lookup with its object in between; former keys in the changelog; a text without meaning.
    except: /\blooks? (like|immutable)\b|looks the value u[p]|`loo[k]s`|'loo[k]'/,
  },
  {
    pattern: /\b(stan[d]s?|stoo[d]|standin[g])\b/i,
    use: 'status; is, are',
    // A placeholder represents a name; a value and type of a migrated column.
    except: /\bstands for\b|\bstanding:|people\.standing|standing::text/,
  },
  {
    pattern: /\b(?<!\b(one|two|under|either) )wa[y]s?\b/i,
    use: 'path, workflow; or name the mechanism',
    except: /\b(the only|in (another|two)|three) wa[y]s?\b|\bwa[y]s: (readonly never)?\[\]/i,
  },
  { pattern: /\b(a|each|every|its|one|new|this) lif[e]\b|\blive[s] of\b/i, use: 'attempt' },
  {
    pattern: /(^|[.:;]\s+|\/\*\*?\s+|\/\/\s+|^\s*\*\s+|['"`])(Wha[t]|Wh[o]|Of those tha[t]) (?!.*\?)/,
    use: 'actor, verb, object',
  },
];

/** The words of a line, with names split into theirs. Imports contain no words of their own. */
const wordsOf = (line: string): string =>
  /^(import|export) .* from |^} from /.test(line)
    ? ''
    : line.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').replaceAll('_', ' ');

/** `path:line: word (use …)` for every replaced word. */
export const replacedWordsIn = (file: TrackedFile): string[] =>
  file.text.split('\n').flatMap((line, index) =>
    REPLACED_WORDS.flatMap(({ pattern, use, except }) => {
      const found = pattern.exec(wordsOf(line));
      if (!found || except?.test(line) === true) return [];
      return [`${file.path}:${index + 1}: ${JSON.stringify(found[0].trim())}: use ${use}`];
    }),
  );
