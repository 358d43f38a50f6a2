/** asl-validator compiles its schemas anew for every definition, which takes a fifth of a second: here they are compiled once. */
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
    /** It is told what it knows already each time that it is to be another. */
    override addKeyword(given: Keyword): Ajv {
      return [given.keyword].flat().every((name) => this.getKeyword(name)) ? this : super.addKeyword(given);
    }
  }
  let compiled: Ajv | undefined;
  return {
    __esModule: true,
    // With `new`, an object that is returned takes the place of the new one.
    default: function (options: object) {
      return (compiled ??= new Extensible(options));
    },
  };
});

export default validate;
