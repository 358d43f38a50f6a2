/** Compiles the schemas of asl-validator once, since it compiles them for every definition, which takes 0.2 s. */
import validate from 'asl-validator';

interface Keyword {
  readonly keyword: string | string[];
}
interface Ajv {
  getKeyword(name: string): unknown;
  addKeyword(keyword: Keyword): Ajv;
}

jest.mock('ajv', () => {
  const { default: Actual } = jest.requireActual<{ default: new (options: object) => Ajv }>('ajv');
  class Extensible extends Actual {
    /** The validator adds its keywords for every definition; keywords that exist are skipped. */
    override addKeyword(given: Keyword): Ajv {
      return [given.keyword].flat().every((name) => this.getKeyword(name)) ? this : super.addKeyword(given);
    }
  }
  let compiled: Ajv | undefined;
  return {
    __esModule: true,
    // An object that a constructor returns replaces the new one.
    default: function (options: object) {
      return (compiled ??= new Extensible(options));
    },
  };
});

export default validate;
